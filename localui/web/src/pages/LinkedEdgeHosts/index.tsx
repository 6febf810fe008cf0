// Three hosts, one leader: tokens and followers on the leader, the leader on a follower, both ways in on a host without links.
import { useState, type ReactNode } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Flex, FlexItem } from "@patternfly/react-core";
import { generateLinkToken, linkQuery, linkTokenQuery } from "../../api/host";
import type { LinkStatus } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { LeaseWarning } from "../../parts/LeaseWarning";
import { Loaded } from "../../parts/Loaded";
import { PageTitle } from "../../parts/PageTitle";
import { Panel } from "../../parts/Panel";
import { LinkToLeader } from "./LinkToLeader";
import { Peers } from "./Peers";
import { TokenPanel } from "./TokenPanel";
import { Unlink } from "./Unlink";

export default function LinkedEdgeHosts() {
  const link = useQuery(linkQuery);
  return (
    <Loaded query={link} what="The links">
      {(status) => (
        <>
          {status.role === "none" && <Unlinked status={status} />}
          {status.role === "leader" && <Leader status={status} />}
          {status.role === "follower" && <Follower status={status} />}
        </>
      )}
    </Loaded>
  );
}

function Title({ actions, children }: { actions?: ReactNode; children: ReactNode }) {
  return <PageTitle title="Linked Edge Hosts" actions={actions}>{children}</PageTitle>;
}

function Warning({ status }: { status: LinkStatus }) {
  if (status.warning === "") return null;
  return <Alert isInline className="pe-title" variant="warning" title="The linked hosts need attention">{status.warning}</Alert>;
}

function GenerateButton({ variant }: { variant: "primary" | "secondary" }) {
  const client = useQueryClient();
  const { failed } = useNotices();
  const generate = useMutation({
    mutationFn: () => generateLinkToken(""),
    onSuccess: (token) => {
      client.setQueryData(linkTokenQuery.queryKey, token);
      return client.invalidateQueries({ queryKey: linkQuery.queryKey });
    },
    onError: (error) => { failed("No token was generated", error); },
  });
  return (
    <Button variant={variant} isLoading={generate.isPending} onClick={() => { generate.mutate(); }}>
      Generate token
    </Button>
  );
}

function Unlinked({ status }: { status: LinkStatus }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Title>Three hosts for one cluster: a leader, and hosts that are linked to it.</Title>
      <Warning status={status} />
      <LeaseWarning />
      {status.status === "InProgress" && !open && (
        <Alert isInline className="pe-title" variant="info" title="This host is being linked" />
      )}
      {status.status === "Failed" && !open && (
        <Alert isInline className="pe-title" variant="danger" title="Not linked">{status.errorMessage}</Alert>
      )}
      <EmptyState titleText="No linked hosts" headingLevel="h2">
        <EmptyStateBody>
          On the host that shall be the leader, generate a token; on each other host, link it to that leader with the token.
          A single host needs no link: nothing is missing for it on this page.
        </EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <GenerateButton variant="primary" />
            <Button variant="secondary" onClick={() => { setOpen(true); }}>Link this device to another</Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
      {open && <LinkToLeader onClose={() => { setOpen(false); }} />}
    </>
  );
}

function Leader({ status }: { status: LinkStatus }) {
  return (
    <>
      <Title actions={status.generatingTokens ? undefined : <GenerateButton variant="secondary" />}>
        This host is the leader. Content that is uploaded here reaches all linked hosts.
      </Title>
      <Warning status={status} />
      <LeaseWarning />
      {status.generatingTokens && <TokenPanel />}
      <Panel title="Linked hosts">
        {status.peers.length === 0 ? (
          <EmptyState titleText="No host is linked yet" headingLevel="h3" variant="sm">
            <EmptyStateBody>
              On each other host choose Linked Edge Hosts, Link this device to another, and paste the token. It appears here by itself.
            </EmptyStateBody>
          </EmptyState>
        ) : (
          <Peers peers={status.peers} canUnlink />
        )}
      </Panel>
    </>
  );
}

function Follower({ status }: { status: LinkStatus }) {
  const [open, setOpen] = useState(false);
  const leader = status.peers[0];
  return (
    <>
      <Title
        actions={
          <Flex>
            <FlexItem>
              <Button variant="danger" isDisabled={leader === undefined} onClick={() => { setOpen(true); }}>Unlink</Button>
            </FlexItem>
          </Flex>
        }
      >
        This host is linked to its leader{leader ? ` ${leader.hostName}` : ""} and takes its content from there.
      </Title>
      <Warning status={status} />
      <Panel title="Leader">
        <Peers peers={status.peers} canUnlink={false} />
      </Panel>
      {open && leader && <Unlink peer={leader} isLeader onClose={() => { setOpen(false); }} />}
    </>
  );
}
