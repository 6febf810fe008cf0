import { createContext, useContext } from "react";
import type { Session } from "../api/types";

export const SESSION_ENDED = "Your session has ended. Log in again.";

interface Here {
  session: Session;
  /** Back to the login page, with a sentence for it. */
  leave: (notice: string) => void;
}

const Context = createContext<Here | null>(null);
export const SessionProvider = Context.Provider;

export function useSession(): Here {
  const here = useContext(Context);
  if (!here) throw new Error("used outside of the application");
  return here;
}
