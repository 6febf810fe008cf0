// Dark or light: as the system says, unless the person chose.
export type Theme = "system" | "light" | "dark";
const KEY = "palette-theme";
const DARK = "pf-v6-theme-dark";

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function show(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle(DARK, dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  show(theme);
}

/** Applies the choice and follows the system while there is none. */
export function startTheme(): void {
  show(storedTheme());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    show(storedTheme());
  });
}
