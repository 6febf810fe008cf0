import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { endSession, sessionsQuery } from "../../api/host";
import { useNotices } from "../../app/Notices";
import { useSession } from "../../app/session";
import { duration } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";

export function Sessions() {
  const client = useQueryClient();
  const { done, failed } = useNotices();
  const { session } = useSession();
  const sessions = useQuery({ ...sessionsQuery, staleTime: 0, refetchInterval: 15_000 });
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => { done("The session is ended"); },
    onError: (error) => { failed("The session is not ended", error); },
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });

  return (
    <Panel title="Sessions">
      <Loaded query={sessions} what="The sessions">
        {({ items }) => (
          <Table aria-label="Sessions" variant="compact" gridBreakPoint="grid-lg">
            <Thead>
              <Tr>
                <Th modifier="wrap">User</Th>
                <Th modifier="wrap">From</Th>
                <Th modifier="wrap">Logged in</Th>
                <Th modifier="wrap">Last seen</Th>
                <Th modifier="wrap">Ends in</Th>
                <Th screenReaderText="End" />
              </Tr>
            </Thead>
            <Tbody>
              {items.map((one) => (
                <Tr key={one.id}>
                  <Td dataLabel="User" className="pe-break">{one.userName}</Td>
                  <Td dataLabel="From" className="pe-break">{one.origin}</Td>
                  <Td dataLabel="Logged in" modifier="nowrap">{duration(one.ageSeconds)} ago</Td>
                  <Td dataLabel="Last seen" modifier="nowrap">{one.id === session.id ? "now" : `${duration(one.idleSeconds)} ago`}</Td>
                  <Td dataLabel="Ends in" modifier="nowrap">{duration(one.remainingSeconds)}</Td>
                  <Td dataLabel="End" className="pe-action">
                    {one.id === session.id ? (
                      <Label color="blue">This session</Label>
                    ) : (
                      <Button
                        size="sm"
                        variant="secondary"
                        isDisabled={end.isPending}
                        aria-label={`End the session of ${one.userName} from ${one.origin}`}
                        onClick={() => { end.mutate(one.id); }}
                      >
                        End
                      </Button>
                    )}
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
      </Loaded>
    </Panel>
  );
}
