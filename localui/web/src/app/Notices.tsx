// Short messages in the corner, read out by screen readers: what was done, and what could not be.
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { Alert, AlertActionCloseButton, AlertGroup } from "@patternfly/react-core";
import { sentence } from "../api/client";

interface Notice {
  key: number;
  variant: "success" | "danger" | "info" | "warning";
  title: string;
  text: string;
}

interface Teller {
  /** Goes by itself. */
  done: (title: string, text?: string) => void;
  /** Stays until it is closed. */
  failed: (title: string, error: unknown) => void;
}

const Context = createContext<Teller | null>(null);

export function useNotices(): Teller {
  const teller = useContext(Context);
  if (!teller) throw new Error("used outside of the application");
  return teller;
}

export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const next = useRef(0);

  const drop = useCallback((key: number) => {
    setNotices((all) => all.filter((notice) => notice.key !== key));
  }, []);

  const teller = useMemo<Teller>(() => {
    const add = (variant: Notice["variant"], title: string, text: string) => {
      next.current += 1;
      const key = next.current;
      setNotices((all) => [...all.slice(-4), { key, variant, title, text }]);
    };
    return {
      done: (title, text = "") => { add("success", title, text); },
      failed: (title, error) => { add("danger", title, sentence(error)); },
    };
  }, []);

  return (
    <Context.Provider value={teller}>
      {children}
      <AlertGroup isToast isLiveRegion aria-label="Notices">
        {notices.map((notice) => (
          <Alert
            key={notice.key}
            variant={notice.variant}
            title={notice.title}
            timeout={notice.variant === "success" ? 6000 : false}
            onTimeout={() => { drop(notice.key); }}
            actionClose={<AlertActionCloseButton title={notice.title} onClose={() => { drop(notice.key); }} />}
          >
            {notice.text}
          </Alert>
        ))}
      </AlertGroup>
    </Context.Provider>
  );
}
