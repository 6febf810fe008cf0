// The token of now: it lives two minutes, and the next one comes by itself until somebody stops that.
import { useEffect, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Content, InputGroup, InputGroupItem, TextInput } from "@patternfly/react-core";
import CopyIcon from "@patternfly/react-icons/dist/esm/icons/copy-icon";
import { linkQuery, linkTokenQuery, stopLinkToken } from "../../api/host";
import type { LinkToken } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { duration } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";

export function TokenPanel() {
  const token = useQuery(linkTokenQuery);
  const client = useQueryClient();
  const { failed } = useNotices();
  const stop = useMutation({
    mutationFn: stopLinkToken,
    onSuccess: () => {
      client.removeQueries({ queryKey: linkTokenQuery.queryKey });
      return client.invalidateQueries({ queryKey: linkQuery.queryKey });
    },
    onError: (error) => { failed("Token generation was not stopped", error); },
  });
  return (
    <Panel
      title="Token"
      actions={
        <Button variant="danger" size="sm" isLoading={stop.isPending} onClick={() => { stop.mutate(); }}>
          Stop token generation
        </Button>
      }
    >
      <Loaded query={token} what="The token" lines={2}>
        {(data) => <Token token={data} readAt={token.dataUpdatedAt} onEnd={() => void token.refetch()} />}
      </Loaded>
    </Panel>
  );
}

/** Seconds until a moment, counted down. */
function useSecondsLeft(endsAt: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => { setNow(Date.now()); }, 500);
    return () => { window.clearInterval(timer); };
  }, []);
  return Math.max(0, Math.ceil((endsAt - now) / 1000));
}

function Token({ token, readAt, onEnd }: { token: LinkToken; readAt: number; onEnd: () => void }) {
  const left = useSecondsLeft(readAt + token.remainingTime * 1000);
  const [copied, setCopied] = useState("");

  useEffect(() => {
    if (left > 0) return undefined;
    const timer = window.setTimeout(onEnd, 200);
    return () => { window.clearTimeout(timer); };
  }, [left, onEnd]);

  return (
    <>
      <InputGroup>
        <InputGroupItem isFill>
          <TextInput readOnlyVariant="default" aria-label="Token" className="pe-mono" value={token.token} onFocus={(event) => { event.target.select(); }} />
        </InputGroupItem>
        <InputGroupItem>
          <Button
            variant="control"
            icon={<CopyIcon />}
            onClick={() => {
              void navigator.clipboard.writeText(token.token).then(() => { setCopied(token.token); });
            }}
          >
            {copied === token.token ? "Copied" : "Copy"}
          </Button>
        </InputGroupItem>
      </InputGroup>
      <Content component="small">
        <span aria-live="off">Valid for another {duration(left)}; then a new one is made.</span>{" "}
        It links any number of hosts while it is valid, to this host at {token.address}.
      </Content>
    </>
  );
}
