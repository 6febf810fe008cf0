// Values as people read them. Pure.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** 1536 -> "1.5 KiB"; three digits at most. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${String(Number(rest.toFixed(digits)))} ${UNITS[unit] ?? ""}`;
}

/** The two largest units: "3 d 4 h", "5 min 6 s". */
export function duration(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(left / 86400), "d"],
    [Math.floor(left / 3600) % 24, "h"],
    [Math.floor(left / 60) % 60, "min"],
    [left % 60, "s"],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([n], i) => i === 0 || n > 0)
    .map(([n, unit]) => `${String(n)} ${unit}`)
    .join(" ");
}

/** Whole percent of a part; 0 where there is no whole. */
export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((part / whole) * 100)) : 0;
}

export function speed(mbits: number): string {
  if (mbits === 0) return "";
  return mbits >= 1000 && mbits % 500 === 0 ? `${String(mbits / 1000)} Gbit/s` : `${String(mbits)} Mbit/s`;
}

/** "2026-11-23 16:55:20" in the browser's zone: sorts, and is read the same everywhere. The text itself where it is no date. */
export function dateTime(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const two = (n: number) => String(n).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** "a, b; c d" -> ["a", "b", "c", "d"] */
export function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}
