// A network change that is in force but not kept yet: counts down, confirms when the page is reached, or lets decide.
import { useCallback, useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import {
  Alert, AlertActionLink, Button, Content, Modal, ModalBody, ModalFooter, ModalHeader, Progress,
} from "@patternfly/react-core";
import ExternalLinkAltIcon from "@patternfly/react-icons/dist/esm/icons/external-link-alt-icon";
import { call } from "../api/client";
import { HOST, adaptersQuery, changeQuery, endChange } from "../api/host";
import type { PendingChange } from "../api/types";
import { useMoving, type Move } from "./moving";
import { useNotices } from "./Notices";

/** Where the link to the new address leads: reaching it confirms. */
export const KEEP_PATH = "/keep-change";
export const CONFIRM_SECONDS = 60;

const TRY_MS = 2000;

export function NetworkChange() {
  const { move } = useMoving();
  return move ? <Waiting move={move} /> : <Pending />;
}

function useSeconds(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 500);
    return () => { clearInterval(timer); };
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1000));
}

/** This page began it: it asks until the host answers here, which confirms, or the time is over. */
function Waiting({ move }: { move: Move }) {
  const client = useQueryClient();
  const { setMove } = useMoving();
  const { done, failed } = useNotices();
  const seconds = useSeconds(move.until);

  const ended = useCallback(() => {
    setMove(null);
    void client.invalidateQueries();
  }, [client, setMove]);

  useEffect(() => {
    let stopped = false;
    let timer = 0;
    const attempt = async () => {
      try {
        const change = await call<PendingChange>(`${HOST}/network-change`, {
          timeoutMs: 3000,
        });
        if (stopped) return;
        if (change.changeId === "") {
          // Confirmed from its new address, or taken back.
          ended();
          return;
        }
        await endChange(change.changeId, "confirm");
        done(`The change of ${move.adapter} is kept`, "The page was reached with it.");
        ended();
        return;
      } catch {
        // Not reached; the countdown says what happens then.
      }
      if (!stopped) timer = window.setTimeout(() => void attempt(), TRY_MS);
    };
    void attempt();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [move, done, ended]);

  useEffect(() => {
    if (seconds > 0) return;
    failed(
      `The change of ${move.adapter} is taken back`,
      new Error("The page was not reached with it in time: the adapter is as it was before."),
    );
    ended();
  }, [seconds, failed, ended, move.adapter]);

  return (
    <Modal isOpen variant="small" aria-label={`Network change of ${move.adapter}`}>
      <ModalHeader title={`Waiting for the host with the new settings of ${move.adapter}`} />
      {/* A dialog must have something that can hold the focus. */}
      <ModalBody tabIndex={0} aria-label="What happens now">
        <Content>
          <p>
            The page tries to reach the host and then keeps the change. If nobody reaches it in time, the host takes the
            change back by itself.
          </p>
          {move.url === "" ? (
            <p>If the address is another one now, the host&apos;s console shows it: open the page there and log in.</p>
          ) : (
            <p>
              Open the page at its new address and log in there: that keeps the change. The browser warns about the
              certificate once more, as at the first visit.
            </p>
          )}
        </Content>
        <Progress
          className="pe-countdown"
          title="Taken back in"
          aria-label="Time left"
          value={seconds}
          max={CONFIRM_SECONDS}
          label={`${String(seconds)} s`}
          valueText={`${String(seconds)} seconds`}
        />
      </ModalBody>
      {move.url !== "" && (
        <ModalFooter>
          <Button component="a" href={`${move.url}/#${KEEP_PATH}`} target="_blank" rel="noreferrer" icon={<ExternalLinkAltIcon />} iconPosition="end">
            Open {move.url}
          </Button>
        </ModalFooter>
      )}
    </Modal>
  );
}

/** Somebody's change waits: here, on the console, or from the address the page had before. */
function Pending() {
  const client = useQueryClient();
  const { done, failed } = useNotices();
  const [path, go] = useLocation();
  const change = useQuery(changeQuery);
  const { changeId = "", adapter = "" } = change.data ?? {};

  const end = useCallback((how: "confirm" | "revert") => {
    endChange(changeId, how)
      .then(() => {
        done(how === "confirm" ? `The change of ${adapter} is kept` : `The change of ${adapter} is taken back`);
      })
      .catch((error: unknown) => { failed(`The change of ${adapter} could not be ended`, error); })
      .finally(() => {
        void client.invalidateQueries({ queryKey: changeQuery.queryKey });
        void client.invalidateQueries({ queryKey: adaptersQuery.queryKey });
      });
  }, [adapter, changeId, client, done, failed]);

  useEffect(() => {
    if (path !== KEEP_PATH || !change.isSuccess) return;
    if (changeId !== "") end("confirm");
    go("/edge-host", { replace: true });
  }, [path, go, change.isSuccess, changeId, end]);

  if (changeId === "") return null;
  return (
    <Left key={`${changeId} ${String(change.dataUpdatedAt)}`} adapter={adapter} onEnd={end}
      until={change.dataUpdatedAt + (change.data?.remainingSeconds ?? 0) * 1000}
      onOver={() => void client.invalidateQueries({ queryKey: changeQuery.queryKey })}
    />
  );
}

function Left({ adapter, until, onEnd, onOver }: {
  adapter: string;
  until: number;
  onEnd: (how: "confirm" | "revert") => void;
  onOver: () => void;
}) {
  const seconds = useSeconds(until);
  const over = seconds === 0;
  useEffect(() => {
    if (!over) return;
    const timer = setTimeout(onOver, 1000);
    return () => { clearTimeout(timer); };
  }, [over, onOver]);

  return (
    <Alert
      isInline
      variant="warning"
      title={`A change of ${adapter} is in force and not kept yet`}
      actionLinks={
        <>
          <AlertActionLink onClick={() => { onEnd("confirm"); }}>Keep the change</AlertActionLink>
          <AlertActionLink onClick={() => { onEnd("revert"); }}>Take it back now</AlertActionLink>
        </>
      }
    >
      It is taken back in {seconds} s unless it is kept.
    </Alert>
  );
}
