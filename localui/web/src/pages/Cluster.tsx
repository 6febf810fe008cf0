// What is ready here for a cluster and what the next guide needs. It creates none, and says so.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Content, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { readinessQuery } from "../api/host";
import type { Readiness } from "../api/types";
import { Loaded } from "../parts/Loaded";
import { PageTitle } from "../parts/PageTitle";
import { Panel } from "../parts/Panel";

const STATE = {
  ok: ["success", "Ready"],
  missing: ["warning", "Missing"],
  unknown: [undefined, "Not checked"],
} as const;

export default function Cluster() {
  const readiness = useQuery({ ...readinessQuery, staleTime: 0 });
  return (
    <>
      <PageTitle
        title="Cluster"
        actions={
          <Button variant="secondary" isLoading={readiness.isFetching} onClick={() => void readiness.refetch()}>
            Check again
          </Button>
        }
      >
        What this host, and the hosts linked to it, have ready for a cluster.
      </PageTitle>
      <Loaded query={readiness} what="What is ready" lines={6}>
        {(data) => <Ready data={data} />}
      </Loaded>
    </>
  );
}

function Ready({ data }: { data: Readiness }) {
  return (
    <>
      <Alert isInline className="pe-title" variant={data.ready ? "success" : "info"} title={data.ready ? "The checked requirements are met" : "Not everything is ready yet"}>
        {data.message}
      </Alert>
      <Panel title="Needed by the next guide">
        <Table aria-label="Needed by the next guide" variant="compact" gridBreakPoint="grid-md">
          <Thead>
            <Tr>
              <Th width={20}>What</Th>
              <Th width={10}>State</Th>
              <Th modifier="wrap">Details</Th>
            </Tr>
          </Thead>
          <Tbody>
            {data.items.map((item) => {
              const [status, text] = STATE[item.state];
              return (
                <Tr key={item.name}>
                  <Td dataLabel="What"><strong>{item.name}</strong></Td>
                  <Td dataLabel="State" modifier="nowrap"><Label {...(status && { status })}>{text}</Label></Td>
                  <Td dataLabel="Details" className="pe-break">{item.text}</Td>
                </Tr>
              );
            })}
          </Tbody>
        </Table>
      </Panel>
      <Panel title="Hosts">
        <Hosts hosts={data.hosts} />
      </Panel>
    </>
  );
}

function Hosts({ hosts }: { hosts: Readiness["hosts"] }) {
  return (
    <Table aria-label="Hosts" variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th modifier="wrap">Host</Th>
          <Th modifier="wrap">Address</Th>
          <Th modifier="wrap">Role</Th>
          <Th modifier="wrap">Status</Th>
          <Th modifier="wrap">Content</Th>
          <Th modifier="wrap">Health</Th>
        </Tr>
      </Thead>
      <Tbody>
        {hosts.map((host, i) => (
          <Tr key={i}>
            <Td dataLabel="Host" className="pe-break">
              <strong>{host.name}</strong>
              {host.reason !== "" && <Content component="small">{host.reason}</Content>}
            </Td>
            <Td dataLabel="Address">{host.address || "–"}</Td>
            <Td dataLabel="Role">{host.role}</Td>
            <Td dataLabel="Status">{host.status}</Td>
            <Td dataLabel="Content">{host.content || "–"}</Td>
            <Td dataLabel="Health">{host.health || "–"}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
