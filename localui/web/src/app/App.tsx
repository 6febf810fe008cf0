// Everything behind the login: one query cache, one event stream, the frame and its pages.
import { useState } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { ApiError } from "../api/client";
import { hostQuery, sessionQuery } from "../api/host";
import type { Session } from "../api/types";
import { LiveProvider } from "./Live";
import { Frame } from "./Frame";
import { MovingProvider } from "./moving";
import { Notices } from "./Notices";
import { SessionProvider } from "./session";

function makeClient(session: Session): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // What changes comes by the event stream; asking again on every focus would be asking twice.
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        // A refusal stays one. Silence is asked again.
        retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
        retryDelay: 1000,
        // "Offline" is about the internet, and no page needs that.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  client.setQueryData(sessionQuery.queryKey, session);
  // Started here, so that the frame and the first page ask once between them.
  void client.prefetchQuery(hostQuery);
  return client;
}

export default function App({ session, onLeave }: { session: Session; onLeave: (notice: string) => void }) {
  const [client] = useState(() => makeClient(session));
  return (
    <QueryClientProvider client={client}>
      <SessionProvider value={{ session, leave: onLeave }}>
        <Notices>
          <MovingProvider>
            <LiveProvider>
              <Router hook={useHashLocation}>
                <Frame />
              </Router>
            </LiveProvider>
          </MovingProvider>
        </Notices>
      </SessionProvider>
    </QueryClientProvider>
  );
}
