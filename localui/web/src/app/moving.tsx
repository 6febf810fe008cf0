// A change of the address in use that this page began: shared between the form that starts it and what waits for it.
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";

export interface Move {
  adapter: string;
  /** The page at its new address; "" where nobody knows it yet (DHCP) or it stays the same. */
  url: string;
  /** Milliseconds since 1970 when the host takes the change back. */
  until: number;
}

interface Moving {
  move: Move | null;
  setMove: (move: Move | null) => void;
}

const Context = createContext<Moving | null>(null);

export function MovingProvider({ children }: { children: ReactNode }) {
  const [move, setMove] = useState<Move | null>(null);
  const moving = useMemo(() => ({ move, setMove }), [move]);
  return <Context.Provider value={moving}>{children}</Context.Provider>;
}

export function useMoving(): Moving {
  const moving = useContext(Context);
  if (!moving) throw new Error("used outside of the application");
  return moving;
}
