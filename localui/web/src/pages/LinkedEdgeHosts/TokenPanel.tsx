// The token of now: it lives two minutes, and the next one comes by itself until somebody stops that.
import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Content, FormGroup, FormSelect, FormSelectOption, InputGroup, InputGroupItem, TextInput } from "@patternfly/react-core";
import CopyIcon from "@patternfly/react-icons/dist/esm/icons/copy-icon";
import { adaptersQuery, generateLinkToken, linkQuery, linkTokenQuery, stopLinkToken } from "../../api/host";
import type { Adapter, LinkToken } from "../../api/types";
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

/** What followers could reach, by adapter: IPv4, and not of one cable alone. */
const choices = (adapters: Adapter[]) =>
  adapters.flatMap(({ name, addresses }) =>
    addresses.map((one) => one.replace(/\/.*/, ""))
      .filter((one) => /^[0-9.]+$/.test(one) && !one.startsWith("169.254."))
      .map((address) => ({ name, address })));

/** A host on several networks: followers may be in another one than the browser. */
function AddressChoice({ address }: { address: string }) {
  const client = useQueryClient();
  const { failed } = useNotices();
  const adapters = useQuery(adaptersQuery);
  const choose = useMutation({
    mutationFn: generateLinkToken,
    onSuccess: (token) => { client.setQueryData(linkTokenQuery.queryKey, token); },
    onError: (error) => { failed("The token keeps its address", error); },
  });
  const known = choices(adapters.data?.items ?? []);
  if (known.length < 2) return null;
  return (
    <FormGroup label="Address of this host in the token" fieldId="token-address">
      <FormSelect id="token-address" value={address} isDisabled={choose.isPending} onChange={(_, chosen) => { choose.mutate(chosen); }}>
        {known.map((one) => (
          <FormSelectOption key={one.address} value={one.address} label={`${one.address} (${one.name})`} />
        ))}
      </FormSelect>
    </FormGroup>
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
  const [refused, setRefused] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(token.token);
      setCopied(token.token);
      setRefused(false);
    } catch {
      // Some browsers let no page with a self-signed certificate, or none at all, do it.
      field.current?.focus();
      field.current?.select();
      setRefused(true);
    }
  };

  useEffect(() => {
    if (left > 0) return undefined;
    const timer = window.setTimeout(onEnd, 200);
    return () => { window.clearTimeout(timer); };
  }, [left, onEnd]);

  return (
    <>
      <InputGroup>
        <InputGroupItem isFill>
          <TextInput ref={field} readOnlyVariant="default" aria-label="Token" className="pe-mono" value={token.token} onFocus={(event) => { event.target.select(); }} />
        </InputGroupItem>
        <InputGroupItem>
          <Button
            variant="control"
            icon={<CopyIcon />}
            onClick={() => { void copy(); }}
          >
            {copied === token.token ? "Copied" : "Copy"}
          </Button>
        </InputGroupItem>
      </InputGroup>
      {refused && (
        <Content component="small" role="status">The browser does not let this page copy. The token is selected: press Ctrl+C.</Content>
      )}
      <AddressChoice address={token.address} />
      <Content component="small">
        <span aria-live="off">Valid for another {duration(left)}; then a new one is made.</span>{" "}
        It links any number of hosts while it is valid, to this host at {token.address}.
      </Content>
    </>
  );
}
