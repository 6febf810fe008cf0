// One stream of server-sent events for everything that is live, and what happens when it breaks.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError, call, setSignedOutListener } from "../api/client";
import {
  adaptersQuery, archiveQuery, changeQuery, contentQuery, dnsQuery, hostQuery, linkQuery, linkTokenQuery, metricsQuery,
  readinessQuery, type PowerAction,
} from "../api/host";
import type { Metrics, Session } from "../api/types";
import { SESSION_ENDED, useSession } from "./session";

/** "up": events come. "trying": just lost. "gone": the host has not answered for a while. */
export type Link = "up" | "trying" | "gone";

interface Live {
  link: Link;
  /** False while palette-hostd does not answer palette-localui. */
  service: boolean;
  /** What was asked of the host; until it is back, or for good. */
  expected: PowerAction | "";
  expect: (action: PowerAction | "") => void;
}

const Context = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(Context);
  if (!live) throw new Error("used outside of the application");
  return live;
}

const TRY_MS = 2000;
/** A restart of the server alone, as after a change of the proxy, is shorter. */
const GONE_MS = 5000;

/** Event -> what of the cache is old now. */
const OLD: Record<string, readonly (readonly string[])[]> = {
  host: [hostQuery.queryKey],
  adapters: [adaptersQuery.queryKey, hostQuery.queryKey, changeQuery.queryKey],
  dns: [dnsQuery.queryKey, hostQuery.queryKey],
  proxy: [["proxy"]],
  content: [contentQuery.queryKey],
  link: [linkQuery.queryKey, linkTokenQuery.queryKey, readinessQuery.queryKey],
  logs: [archiveQuery.queryKey],
  change: [changeQuery.queryKey, adaptersQuery.queryKey],
};

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { leave } = useSession();
  const [link, setLink] = useState<Link>("trying");
  const [service, setService] = useState(true);
  const [expected, setExpected] = useState<PowerAction | "">("");
  const asked = useRef<PowerAction | "">("");

  const expect = useCallback((action: PowerAction | "") => {
    asked.current = action;
    setExpected(action);
  }, []);

  useEffect(() => {
    let source: EventSource | null = null;
    let timer = 0;
    let lostAt = 0;
    let stopped = false;

    const back = () => {
      const wasGone = asked.current;
      setLink("up");
      if (wasGone === "") return;
      // The session would not have lived through a restart of the machine: it is the old boot that still answers.
      if (lostAt === 0) return;
      expect("");
    };

    const lost = () => {
      source?.close();
      source = null;
      if (stopped) return;
      if (lostAt === 0) lostAt = Date.now();
      setLink(Date.now() - lostAt >= GONE_MS || asked.current !== "" ? "gone" : "trying");
      timer = window.setTimeout(probe, TRY_MS);
    };

    // Later answers say nothing new.
    const end = (notice: string) => {
      if (stopped) return;
      stopped = true;
      source?.close();
      leave(notice);
    };

    // Whatever asks first after a restart of the host is told that it has no session.
    const signedOut = () => {
      end(asked.current === "" || lostAt === 0 ? SESSION_ENDED : "The host is back. Log in again.");
    };

    // An EventSource does not tell why it failed: an ordinary request does.
    const probe = () => {
      call<Session>("/v1/users/default/sessions/current", { anonymous: true, timeoutMs: 4000 })
        .then(open)
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 401) signedOut();
          else lost();
        });
    };

    const open = () => {
      if (stopped) return;
      source = new EventSource("/v1/edge-mgmt/events");
      source.onerror = lost;
      source.addEventListener("hello", () => {
        back();
        lostAt = 0;
        // What changed since it was asked for, and before this, was told to nobody; the first time, too.
        void client.invalidateQueries();
      });
      for (const [name, keys] of Object.entries(OLD))
        source.addEventListener(name, () => {
          for (const queryKey of keys) void client.invalidateQueries({ queryKey });
        });
      source.addEventListener("metrics", (event: MessageEvent<string>) => {
        client.setQueryData(metricsQuery.queryKey, JSON.parse(event.data) as Metrics);
      });
      source.addEventListener("service", (event: MessageEvent<string>) => {
        const { available } = JSON.parse(event.data) as { available: boolean };
        setService(available);
        if (available) void client.invalidateQueries();
      });
      source.addEventListener("session-end", () => { end(SESSION_ENDED); });
    };

    open();
    setSignedOutListener(signedOut);
    return () => {
      stopped = true;
      source?.close();
      clearTimeout(timer);
    };
  }, [client, expect, leave]);

  const live = useMemo(() => ({ link, service, expected, expect }), [link, service, expected, expect]);
  return <Context.Provider value={live}>{children}</Context.Provider>;
}
