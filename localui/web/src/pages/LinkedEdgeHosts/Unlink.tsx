import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { sentence } from "../../api/client";
import { linkQuery, unlink } from "../../api/host";
import type { LinkPeer } from "../../api/types";
import { useNotices } from "../../app/Notices";

/** @isLeader: this host leaves @peer; else @peer is told to go. */
export function Unlink({ peer, isLeader, onClose }: { peer: LinkPeer; isLeader: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const leave = useMutation({
    mutationFn: () => unlink(isLeader ? "" : peer.id),
    onSuccess: async () => {
      done(isLeader ? `This host is no longer linked to ${peer.hostName}` : `${peer.hostName} is unlinked`);
      onClose();
      await client.invalidateQueries({ queryKey: linkQuery.queryKey });
    },
  });
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="unlink-title" aria-describedby="unlink-text">
      <ModalHeader
        title={isLeader ? `Unlink this host from ${peer.hostName}?` : `Unlink ${peer.hostName}?`}
        titleIconVariant="warning"
        labelId="unlink-title"
      />
      <ModalBody id="unlink-text">
        {leave.isError && (
          <Alert isInline variant="danger" title="Not unlinked">
            {sentence(leave.error)}
          </Alert>
        )}
        <p>
          {isLeader ? "This host" : peer.hostName} keeps the content it has and gets nothing new. If the other host does not
          answer now, it is told when it is back. To link them again, generate a new token.
        </p>
      </ModalBody>
      <ModalFooter>
        <Button variant="danger" isLoading={leave.isPending} onClick={() => { leave.mutate(); }}>Unlink</Button>
        <Button variant="link" onClick={onClose}>Cancel</Button>
      </ModalFooter>
    </Modal>
  );
}
