import { useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import {
  ActionGroup, Alert, Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, List, ListItem, TextInput,
} from "@patternfly/react-core";
import { ApiError, sentence } from "../../api/client";
import { setPassword } from "../../api/host";
import type { User } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { Panel } from "../../parts/Panel";

export function Password({ user }: { user: User }) {
  const { done } = useNotices();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const change = useMutation({
    mutationFn: () => setPassword(old, next),
    onSuccess: () => {
      setOld("");
      setNext("");
      setAgain("");
      done("The password is changed", "Your other sessions have ended.");
    },
    onError: () => { first.current?.focus(); },
  });
  const differ = again !== "" && next !== again;
  const ready = old !== "" && next !== "" && next === again;
  const { error } = change;
  const wrongOld = error instanceof ApiError && error.code === "BadLogin";

  const field = (id: string, label: string, value: string, set: (value: string) => void, autoComplete: string, wrong = "") => (
    <FormGroup label={label} fieldId={id} isRequired>
      <TextInput
        id={id}
        ref={id === "old-password" ? first : null}
        type="password"
        isRequired
        autoComplete={autoComplete}
        validated={wrong === "" ? "default" : "error"}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={(_, text) => { set(text); }}
      />
      <FormHelperText>
        <HelperText id={`${id}-help`} aria-live="polite">
          {wrong !== "" && <HelperTextItem variant="error">{wrong}</HelperTextItem>}
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );

  return (
    <Panel title="Password">
      {user.disablePasswordUpdate ? (
        <Alert isInline variant="info" title="The password cannot be changed here">
          This host is set up so that passwords are changed with passwd on its console or by SSH.
        </Alert>
      ) : (
        <Form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (ready && !change.isPending) change.mutate();
          }}
        >
          {/* A password manager wants to know whose it is. */}
          <input type="text" name="username" autoComplete="username" value={user.userName} readOnly hidden />
          <div aria-live="assertive">
            {error && !wrongOld && (
              <Alert isInline variant="danger" title="The password is not changed">
                {sentence(error)}
              </Alert>
            )}
          </div>
          {field("old-password", "Old password", old, setOld, "current-password", wrongOld ? "This is not the old password." : "")}
          {field("new-password", "New password", next, setNext, "new-password")}
          {field("new-password-again", "New password, again", again, setAgain, "new-password", differ ? "The two are different." : "")}
          {user.passwordRules.length > 0 && (
            <List>
              {user.passwordRules.map((rule) => (
                <ListItem key={rule}>{rule}</ListItem>
              ))}
            </List>
          )}
          <ActionGroup>
            <Button type="submit" isLoading={change.isPending} isDisabled={!ready || change.isPending}>Change the password</Button>
          </ActionGroup>
        </Form>
      )}
    </Panel>
  );
}
