// Over everything while the host does not answer: why, since when, and that the page comes back by itself.
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Alert, Bullseye, EmptyState, EmptyStateBody, Modal, ModalBody, Spinner } from "@patternfly/react-core";
import { hostQuery, type PowerAction } from "../api/host";
import { duration } from "../parts/format";
import { useLive } from "./Live";
import { useMoving } from "./moving";

const WHAT: Record<PowerAction | "", (name: string) => [string, string]> = {
  reboot: (name) => [`${name} is restarting`, "This takes a minute or two. The page comes back by itself."],
  reset: (name) => [
    `${name} is being reset to factory default`,
    "It restarts and puts everything back. The page comes back by itself; log in with the same account then.",
  ],
  shutdown: (name) => [
    `${name} is switched off`,
    "Switch it on at the machine, its BMC or its hypervisor. The page comes back by itself then.",
  ],
  "": (name) => [
    `${name} does not answer`,
    "It may be restarting, or the network does not reach it. The page asks every two seconds and comes back by itself.",
  ],
};

export function HostGone() {
  const { link, service, expected, expect } = useLive();
  const { move } = useMoving();
  const host = useQuery({ ...hostQuery, enabled: false });
  const name = host.data?.metadata.name ?? location.hostname;

  // What was asked for and has not begun in this time will not begin.
  useEffect(() => {
    if (expected === "" || link !== "up") return;
    const timer = setTimeout(() => { expect(""); }, 90_000);
    return () => { clearTimeout(timer); };
  }, [expected, link, expect]);

  // NetworkChange says more about this silence.
  if (move) return null;
  if (link === "gone" || expected !== "") return <Gone title={WHAT[expected](name)[0]} text={WHAT[expected](name)[1]} />;
  return (
    <div aria-live="polite">
      {link === "trying" && <Alert isInline variant="info" title="Connecting to the host" />}
      {link === "up" && !service && (
        <Alert isInline variant="warning" title="The host service does not answer">
          Values may be old and changes are refused until it is back. It is asked again by itself.
        </Alert>
      )}
    </div>
  );
}

function Gone({ title, text }: { title: string; text: string }) {
  const [since] = useState(() => Date.now());
  const [now, setNow] = useState(since);

  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(timer); };
  }, []);

  return (
    <Modal isOpen variant="small" aria-label={title} data-testid="host-gone">
      <ModalBody tabIndex={0} aria-label={title}>
        <Bullseye>
          <EmptyState titleText={title} headingLevel="h1" icon={Spinner}>
            <EmptyStateBody>
              <p>{text}</p>
              <p>Away for {duration(Math.round((now - since) / 1000))}.</p>
            </EmptyStateBody>
          </EmptyState>
        </Bullseye>
      </ModalBody>
    </Modal>
  );
}
