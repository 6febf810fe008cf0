import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import TrashIcon from "@patternfly/react-icons/dist/esm/icons/trash-icon";
import { setSshKeys, userQuery } from "../../api/host";
import { useNotices } from "../../app/Notices";
import { Field, FormModal } from "../../parts/FormModal";
import { Panel } from "../../parts/Panel";

/** "ssh-ed25519 AAAA... alice@laptop" -> its type, the end of the key, the comment. */
function parts(key: string): { type: string; end: string; comment: string } {
  const [type = "", body = "", ...comment] = key.trim().split(/\s+/);
  return { type, end: `…${body.slice(-16)}`, comment: comment.join(" ") };
}

export function SshKeys({ keys }: { keys: string[] }) {
  const client = useQueryClient();
  const { done, failed } = useNotices();
  const [adding, setAdding] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: userQuery.queryKey });
  const remove = useMutation({
    mutationFn: (key: string) => setSshKeys(keys.filter((one) => one !== key)),
    onSuccess: () => { done("The SSH key is removed"); },
    onError: (error) => { failed("The SSH key is not removed", error); },
    onSettled: refresh,
  });

  return (
    <Panel title="SSH keys" actions={<Button variant="secondary" onClick={() => { setAdding(true); }}>Add a key</Button>}>
      {keys.length === 0 ? (
        <EmptyState titleText="No SSH key" headingLevel="h3" variant="sm">
          <EmptyStateBody>With a key, SSH asks for no password. Add the public half: the one line of a .pub file.</EmptyStateBody>
        </EmptyState>
      ) : (
        <Table aria-label="SSH keys" variant="compact" gridBreakPoint="grid-md">
          <Thead>
            <Tr>
              <Th modifier="wrap">Type</Th>
              <Th modifier="wrap">Key</Th>
              <Th modifier="wrap">Comment</Th>
              <Th screenReaderText="Remove" />
            </Tr>
          </Thead>
          <Tbody>
            {keys.map((key) => {
              const { type, end, comment } = parts(key);
              return (
                <Tr key={key}>
                  <Td dataLabel="Type" modifier="nowrap">{type}</Td>
                  <Td dataLabel="Key" className="pe-mono pe-break">{end}</Td>
                  <Td dataLabel="Comment" className="pe-break">{comment || "–"}</Td>
                  <Td dataLabel="Remove" className="pe-action">
                    <Button
                      variant="plain"
                      icon={<TrashIcon />}
                      aria-label={`Remove the SSH key ${comment || end}`}
                      isDisabled={remove.isPending}
                      onClick={() => { remove.mutate(key); }}
                    />
                  </Td>
                </Tr>
              );
            })}
          </Tbody>
        </Table>
      )}
      {adding && <Add keys={keys} onClose={() => { setAdding(false); }} />}
    </Panel>
  );
}

function Add({ keys, onClose }: { keys: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [key, setKey] = useState("");
  const add = useMutation({
    mutationFn: () => setSshKeys([...keys, key.trim()]),
    onSuccess: async () => {
      done("The SSH key is added");
      await client.invalidateQueries({ queryKey: userQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormModal title="Add an SSH key" mutation={add} onClose={onClose} confirm="Add" fields={["SSH key"]} isReady={key.trim() !== ""}>
      <Field
        label="SSH key"
        autoFocus
        isRequired
        rows={4}
        value={key}
        onChange={setKey}
        placeholder="ssh-ed25519 AAAA… alice@laptop"
        help="The public half: the one line of a .pub file."
      />
    </FormModal>
  );
}
