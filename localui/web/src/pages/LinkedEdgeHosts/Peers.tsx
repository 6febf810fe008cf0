// One row a linked host: what it is, how it is, and what can be done.
import { useState } from "react";
import { Content, Dropdown, DropdownItem, DropdownList, Label, MenuToggle, Progress } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import EllipsisVIcon from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import type { LinkPeer } from "../../api/types";
import { dateTime, percent } from "../../parts/format";
import { Unlink } from "./Unlink";

export function Peers({ peers, canUnlink }: { peers: LinkPeer[]; canUnlink: boolean }) {
  const [chosen, setChosen] = useState<LinkPeer | null>(null);
  return (
    <>
      <Table aria-label={canUnlink ? "Linked hosts" : "Leader"} variant="compact" gridBreakPoint="grid-lg">
        <Thead>
          <Tr>
            <Th modifier="wrap">Host name</Th>
            <Th modifier="wrap">IP</Th>
            <Th modifier="wrap">Status</Th>
            <Th modifier="wrap" width={25}>Content</Th>
            <Th modifier="wrap" width={20}>Health</Th>
            <Th modifier="wrap">Last seen</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {peers.map((peer) => (
            <Tr key={peer.id}>
              <Td dataLabel="Host name" className="pe-break"><strong>{peer.hostName}</strong></Td>
              <Td dataLabel="IP">{peer.ip}</Td>
              <Td dataLabel="Status">
                <Label {...(peer.status !== "Pending" && { status: "success" })}>{peer.status}</Label>
                {peer.statusReason !== "" && <Content component="small" className="pe-break">{peer.statusReason}</Content>}
              </Td>
              <Td dataLabel="Content"><ContentState content={peer.contentSyncStatus} name={peer.hostName} /></Td>
              <Td dataLabel="Health">
                <State good={peer.health.state === "Healthy"} text={peer.health.state} reason={peer.health.reason} bad="danger" />
              </Td>
              <Td dataLabel="Last seen">{peer.lastSeen === null ? "–" : dateTime(peer.lastSeen)}</Td>
              <Td dataLabel="Actions" className="pe-action">
                <Menu peer={peer} {...(canUnlink && { onUnlink: () => { setChosen(peer); } })} />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {chosen && <Unlink peer={chosen} isLeader={false} onClose={() => { setChosen(null); }} />}
    </>
  );
}

function State({ good, text, reason, bad }: { good: boolean; text: string; reason: string; bad: "warning" | "danger" }) {
  return (
    <>
      <Label status={good ? "success" : bad}>{text}</Label>
      {reason !== "" && <Content component="small" className="pe-break">{reason}</Content>}
    </>
  );
}

function ContentState({ content, name }: { content: LinkPeer["contentSyncStatus"]; name: string }) {
  const part = percent(content.doneBytes, content.totalBytes);
  const synced = content.state === "Synced";
  return (
    <>
      <State good={synced} text={content.state} reason={content.reason} bad="warning" />
      {!synced && content.totalBytes > 0 && (
        <Progress value={Math.min(part, 99)} size="sm" aria-label={`Content of ${name}`} />
      )}
    </>
  );
}

function Menu({ peer, onUnlink }: { peer: LinkPeer; onUnlink?: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => { setOpen(false); }}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plain"
          icon={<EllipsisVIcon />}
          aria-label={`Actions of ${peer.hostName}`}
          isExpanded={open}
          onClick={() => { setOpen(!open); }}
        />
      )}
    >
      <DropdownList>
        <DropdownItem to={`https://${peer.ip}:${String(peer.localUIPort)}/`} isExternalLink target="_blank" rel="noreferrer">
          Open its Local UI
        </DropdownItem>
        {onUnlink && <DropdownItem isDanger onClick={onUnlink}>Unlink</DropdownItem>}
      </DropdownList>
    </Dropdown>
  );
}
