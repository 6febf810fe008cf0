import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import {
  ActionGroup, Alert, Button, Checkbox, Content, Form, FormGroup, Login as LoginLayout, LoginFooter, LoginHeader, LoginMainBody, LoginMainHeader, TextInput,
} from "@patternfly/react-core";
import { ApiError, call, sentence } from "../api/client";
import type { LoginReply, Public, Session } from "../api/types";
import { Fingerprint } from "../parts/Fingerprint";

interface Refused {
  title: string;
  text: string;
}

function refusal(error: unknown): Refused {
  if (error instanceof ApiError) {
    if (error.code === "Blocked") return { title: "Too many failed logins", text: sentence(error) };
    if (error.status === 401) return { title: "Not logged in", text: sentence(error) };
  }
  return { title: "The host could not log you in", text: sentence(error) };
}

export function Login({ notice, onLogin }: { notice: string; onLogin: (session: Session) => void }) {
  const [facts, setFacts] = useState<Public | null>(null);
  const [factsError, setFactsError] = useState("");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [extended, setExtended] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const alertId = useId();

  useEffect(() => {
    let timer = 0;
    const gone = new AbortController();
    const load = () => {
      call<Public>("/v1/public", { anonymous: true, signal: gone.signal })
        .then((answer) => {
          setFacts(answer);
          setFactsError("");
          document.title = `Log in - ${answer.hostname}`;
        })
        .catch((error: unknown) => {
          if (gone.signal.aborted) return;
          // The host may be starting: its name comes when it does.
          setFactsError(sentence(error));
          timer = window.setTimeout(load, 3000);
        });
    };
    load();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (user === "" || password === "") {
      setRefused({ title: "Not logged in", text: "Type a user name and a password." });
      return;
    }
    setBusy(true);
    setRefused(null);
    call<LoginReply>("/v1/users/default/login", {
      method: "POST",
      body: { username: user, password, extendedSession: extended },
      anonymous: true,
    })
      .then((reply) => {
        onLogin(reply.session);
      })
      .catch((error: unknown) => {
        setRefused(refusal(error));
        setBusy(false);
        setPassword("");
        passwordField.current?.focus();
      });
  };

  return (
    <LoginLayout
      className="pe-login"
      header={<LoginHeader headerBrand={<Brand />} />}
      footer={facts && <Certificate facts={facts} />}
    >
      <LoginMainHeader title="Log in to Local UI" subtitle={facts ? facts.hostname : "…"} />
      <LoginMainBody>
        <Form onSubmit={submit} noValidate>
          {factsError !== "" && (
            <Alert isInline variant="warning" title="The host does not answer yet">
              {factsError} This page asks again every 3 seconds.
            </Alert>
          )}
          {facts && !facts.hasAccount && (
            <Alert isInline variant="info" title="There is no account yet">
              Make the first account on the host&apos;s console, then log in with it here.
            </Alert>
          )}
          {notice !== "" && !refused && <Alert isInline variant="info" title={notice} />}
          <div aria-live="assertive" id={alertId}>
            {refused && (
              <Alert isInline variant="danger" title={refused.title}>
                {refused.text}
              </Alert>
            )}
          </div>
          <FormGroup label="User name" isRequired fieldId="user">
            <TextInput
              id="user"
              autoFocus
              isRequired
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={user}
              aria-describedby={alertId}
              onChange={(_, value) => { setUser(value); }}
            />
          </FormGroup>
          <FormGroup label="Password" isRequired fieldId="password">
            <TextInput
              id="password"
              ref={passwordField}
              isRequired
              type="password"
              autoComplete="current-password"
              value={password}
              aria-describedby={alertId}
              onChange={(_, value) => { setPassword(value); }}
            />
          </FormGroup>
          <Checkbox
            id="extended"
            label="Keep me logged in for 24 hours"
            description="Otherwise the session ends after 2 hours."
            isChecked={extended}
            onChange={(_, checked) => { setExtended(checked); }}
          />
          <ActionGroup>
            <Button type="submit" variant="primary" isBlock isLoading={busy} isAriaDisabled={busy}>
              {busy ? "Logging in" : "Log in"}
            </Button>
          </ActionGroup>
        </Form>
      </LoginMainBody>
    </LoginLayout>
  );
}

function Brand() {
  return (
    <p className="pe-login-brand">
      <svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
        <path fill="#4a8ff1" d="M16 2 29 9.500v13L16 30 3 22.500v-13z" />
        <path fill="#fff" d="M16 9l7 4v6l-7 4-7-4v-6z" />
      </svg>
      Palette Edge
    </p>
  );
}

/** What lets a person tell that this is the host it claims to be. */
function Certificate({ facts }: { facts: Public }) {
  return (
    <LoginFooter>
      <Content component="small">
        {facts.fingerprint !== "" && (
          <>
            <p>Certificate SHA-256. The browser and the host&apos;s console (Device Info) must show the same:</p>
            <p><Fingerprint value={facts.fingerprint} /></p>
          </>
        )}
        <p>Version {facts.version}</p>
      </Content>
    </LoginFooter>
  );
}
