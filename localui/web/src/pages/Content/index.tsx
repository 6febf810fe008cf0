// What is on the host, and how it gets there.
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  Button, ClipboardCopy, Content as Text, EmptyState, EmptyStateBody, Grid, GridItem, Modal, ModalBody, ModalFooter,
  Label, ModalHeader, Alert,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import TrashIcon from "@patternfly/react-icons/dist/esm/icons/trash-icon";
import { sentence } from "../../api/client";
import { contentQuery, deleteContent, linkQuery } from "../../api/host";
import type { ContentItem, ContentList, LinkPeer } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { bytes, dateTime, percent } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { PageTitle } from "../../parts/PageTitle";
import { Panel } from "../../parts/Panel";
import { Bar } from "../EdgeHost/UsageCard";
import { Curl } from "./Curl";
import { UploadPanel } from "./UploadPanel";

const ORIGIN = { upload: "Upload", medium: "Installation medium", leader: "Leader host" } as const;

export default function Content() {
  const content = useQuery(contentQuery);
  const link = useQuery(linkQuery);
  const leader = link.data?.role === "follower" ? link.data.peers[0] : undefined;
  return (
    <>
      <PageTitle title="Content">Files this host holds for its cluster: bundles, images, charts.</PageTitle>
      <Grid hasGutter>
        <GridItem span={12} xl={8}>
          {leader ? <FromLeader leader={leader} /> : <UploadPanel unfinished={content.data?.uploads ?? []} storage={content.data?.storage} />}
        </GridItem>
        <GridItem span={12} xl={4}>
          <Panel title="Disk space">
            <Loaded query={content} what="The disk space" lines={2}>
              {({ storage }) => <Space storage={storage} />}
            </Loaded>
          </Panel>
        </GridItem>
        <GridItem span={12}>
          <Panel title="On this host">
            <Loaded query={content} what="The content">
              {({ items }) => <Items items={items} canDelete={leader === undefined} />}
            </Loaded>
          </Panel>
        </GridItem>
        <GridItem span={12}>
          <Curl />
        </GridItem>
      </Grid>
    </>
  );
}

function Space({ storage }: { storage: ContentList["storage"] }) {
  const used = storage.totalBytes - storage.freeBytes;
  return (
    <>
      <Bar
        title="Data partition"
        value={percent(used, storage.totalBytes)}
        label={`${String(percent(used, storage.totalBytes))} %`}
      />
      <Text component="small">
        {bytes(storage.freeBytes)} of {bytes(storage.totalBytes)} are free. The largest file that is taken now: {bytes(storage.availableBytes)}.
      </Text>
    </>
  );
}

/** A linked host has what its leader has. */
function FromLeader({ leader }: { leader: LinkPeer }) {
  const { state, reason } = leader.contentSyncStatus;
  return (
    <Panel title="Upload">
      <Alert isInline variant="info" title={`This host takes its content from its leader ${leader.hostName}`}>
        <p>{state}{reason === "" ? "" : `: ${reason}`}. Upload and delete content on the leader; it reaches all linked hosts.</p>
        <a href={`https://${leader.ip}:${String(leader.localUIPort)}/#/content`} target="_blank" rel="noreferrer">
          Open the Local UI of {leader.hostName}
        </a>
      </Alert>
    </Panel>
  );
}

function Items({ items, canDelete }: { items: ContentItem[]; canDelete: boolean }) {
  const [chosen, setChosen] = useState<ContentItem | null>(null);
  if (items.length === 0)
    return (
      <EmptyState titleText="No content yet" headingLevel="h3" variant="sm">
        <EmptyStateBody>Upload a file above, or send one with curl as shown below.</EmptyStateBody>
      </EmptyState>
    );
  return (
    <>
      <Table aria-label="Content on this host" variant="compact" gridBreakPoint="grid-lg">
        <Thead>
          <Tr>
            <Th width={30}>Name</Th>
            <Th modifier="wrap">Size</Th>
            <Th width={30}>SHA-256</Th>
            <Th modifier="wrap">Origin</Th>
            <Th modifier="wrap">Date</Th>
            <Th screenReaderText="Delete" />
          </Tr>
        </Thead>
        <Tbody>
          {items.map((item) => (
            <Tr key={item.name}>
              <Td dataLabel="Name" className="pe-break">
                {item.name} {item.damaged && <Label status="danger" isCompact>Damaged: delete it, upload it again</Label>}
              </Td>
              <Td dataLabel="Size" modifier="nowrap">{bytes(item.sizeBytes)}</Td>
              <Td dataLabel="SHA-256">
                <ClipboardCopy isReadOnly variant="inline-compact" isCode truncation hoverTip="Copy" clickTip="Copied" copyAriaLabel={`Copy the SHA-256 of ${item.name}`}>
                  {item.sha256}
                </ClipboardCopy>
              </Td>
              <Td dataLabel="Origin" className="pe-break">{item.leader ? `Synced from ${item.leader}` : ORIGIN[item.origin]}</Td>
              <Td dataLabel="Date" modifier="nowrap">{dateTime(item.date)}</Td>
              <Td dataLabel="Delete" className="pe-action">
                {canDelete && (
                  <Button variant="plain" icon={<TrashIcon />} aria-label={`Delete ${item.name}`} onClick={() => { setChosen(item); }} />
                )}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {chosen && <Delete item={chosen} onClose={() => { setChosen(null); }} />}
    </>
  );
}

function Delete({ item, onClose }: { item: ContentItem; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const remove = useMutation({
    mutationFn: () => deleteContent(item.name),
    onSuccess: () => {
      done(`${item.name} is deleted`);
      void client.invalidateQueries({ queryKey: contentQuery.queryKey });
      onClose();
    },
  });
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="delete-title" aria-describedby="delete-text">
      <ModalHeader title={`Delete ${item.name}?`} titleIconVariant="warning" labelId="delete-title" />
      <ModalBody id="delete-text">
        {remove.isError && (
          <Alert isInline variant="danger" title="Not deleted">
            {sentence(remove.error)}
          </Alert>
        )}
        <p>The file of {bytes(item.sizeBytes)} is deleted from this host. To have it again, it must be uploaded again.</p>
      </ModalBody>
      <ModalFooter>
        <Button variant="danger" isLoading={remove.isPending} onClick={() => { remove.mutate(); }}>Delete</Button>
        <Button variant="link" onClick={onClose}>Cancel</Button>
      </ModalFooter>
    </Modal>
  );
}
