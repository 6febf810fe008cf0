import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import type { Disk, Partition } from "../../api/types";
import { bytes, percent } from "../../parts/format";
import { Panel } from "../../parts/Panel";
import { Bar } from "./UsageCard";

function describe(disk: Disk): string {
  const kind = disk.removable ? "removable" : disk.rotational ? "hard disk" : "";
  return [`${disk.vendor} ${disk.model}`.trim(), disk.serial, kind].filter((part) => part !== "").join(", ");
}

function Use({ part }: { part: Partition }) {
  if (part.totalBytes === 0) return "–";
  return (
    <Bar
      title={part.mountPoint}
      value={percent(part.usedBytes, part.usedBytes + part.freeBytes)}
      label={`${bytes(part.usedBytes)} of ${bytes(part.totalBytes)}`}
    />
  );
}

export function Disks({ disks }: { disks: Disk[] }) {
  return (
    <Panel title="Disks">
      {disks.length === 0 ? (
        <EmptyState titleText="The host reports no disk" headingLevel="h3" variant="sm">
          <EmptyStateBody>Live system: everything is in memory.</EmptyStateBody>
        </EmptyState>
      ) : (
        <Table aria-label="Disks and partitions" variant="compact" gridBreakPoint="grid-lg">
          <Thead>
            <Tr>
              <Th modifier="wrap">Name</Th>
              <Th modifier="wrap">What</Th>
              <Th modifier="wrap">Size</Th>
              <Th modifier="wrap">File system</Th>
              <Th width={30}>Use</Th>
            </Tr>
          </Thead>
          {disks.map((disk) => (
            <Tbody key={disk.name}>
              <Tr>
                <Td dataLabel="Name"><strong>{disk.name}</strong></Td>
                <Td dataLabel="What" className="pe-break">{describe(disk)}</Td>
                <Td dataLabel="Size" modifier="nowrap">{bytes(disk.sizeBytes)}</Td>
                <Td dataLabel="File system">–</Td>
                <Td dataLabel="Use">–</Td>
              </Tr>
              {disk.partitions.map((part) => (
                <Tr key={part.name}>
                  <Td dataLabel="Name"><span className="pe-indent">{part.name}</span></Td>
                  <Td dataLabel="What">{part.label === "" ? "–" : part.label}</Td>
                  <Td dataLabel="Size" modifier="nowrap">{bytes(part.sizeBytes)}</Td>
                  <Td dataLabel="File system">{part.fsType === "" ? "–" : part.fsType}</Td>
                  <Td dataLabel="Use"><Use part={part} /></Td>
                </Tr>
              ))}
            </Tbody>
          ))}
        </Table>
      )}
    </Panel>
  );
}
