// Login or application: which of them the person sees.
import { Suspense, lazy, useCallback, useEffect, useState } from "react";
import { Bullseye, Spinner } from "@patternfly/react-core";
import { call, setSignedOutListener } from "../api/client";
import type { Session } from "../api/types";
import { ErrorBoundary } from "./ErrorBoundary";
import { SESSION_ENDED } from "./session";
import { Login } from "../pages/Login";

const App = lazy(() => import("./App"));

// The session is a cookie that scripts cannot see. This mark only saves a visitor without one the question.
const HINT = "palette-signed-in";

type State = { at: "asking" } | { at: "login"; notice: string } | { at: "app"; session: Session };

export function Gate() {
  const [state, setState] = useState<State>(() =>
    localStorage.getItem(HINT) ? { at: "asking" } : { at: "login", notice: "" },
  );

  const leave = useCallback((notice: string) => {
    localStorage.removeItem(HINT);
    setState({ at: "login", notice });
  }, []);

  useEffect(() => {
    setSignedOutListener(() => { leave(SESSION_ENDED); });
  }, [leave]);

  useEffect(() => {
    if (state.at !== "asking") return;
    call<Session>("/v1/users/default/sessions/current", { anonymous: true })
      .then((session) => {
        setState({ at: "app", session });
      })
      .catch(() => {
        leave("");
      });
  }, [state.at, leave]);

  const wait = (
    <Bullseye>
      <Spinner aria-label="Loading" />
    </Bullseye>
  );
  if (state.at === "asking") return wait;
  if (state.at === "login")
    return (
      <Login
        notice={state.notice}
        onLogin={(session) => {
          localStorage.setItem(HINT, "1");
          setState({ at: "app", session });
        }}
      />
    );
  return (
    <ErrorBoundary>
      <Suspense fallback={wait}>
        <App session={state.session} onLeave={leave} />
      </Suspense>
    </ErrorBoundary>
  );
}
