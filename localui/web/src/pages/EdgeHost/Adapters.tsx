import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Label, LabelGroup } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { adaptersQuery } from "../../api/host";
import type { Adapter } from "../../api/types";
import { duration, speed } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { Pencil } from "../../parts/Pencil";
import { AdapterForm } from "./AdapterForm";

const MODE = { dhcp: "DHCP", static: "Static", none: "Not configured" } as const;

function LinkState({ adapter }: { adapter: Adapter }) {
  if (adapter.link === "off") return <Label>Off</Label>;
  if (!adapter.carrier) return <Label status="warning">No link</Label>;
  const rate = speed(adapter.speedMbits);
  return <Label status="success">{rate === "" ? "Link" : rate}</Label>;
}

export function Adapters() {
  const [editing, setEditing] = useState("");
  const adapters = useQuery(adaptersQuery);
  const edited = adapters.data?.items.find((adapter) => adapter.name === editing);

  return (
    <Panel title="Network adapters">
      <Loaded query={adapters} what="The network adapters">
        {({ items }) => (
          <Table aria-label="Network adapters" variant="compact" gridBreakPoint="grid-xl">
            <Thead>
              <Tr>
                <Th modifier="wrap">Name</Th>
                <Th modifier="wrap">Link</Th>
                <Th modifier="wrap">Addressing</Th>
                <Th modifier="wrap">Addresses, gateway</Th>
                <Th modifier="wrap">VLAN ID</Th>
                <Th modifier="wrap">MTU</Th>
                <Th modifier="wrap">MAC, driver</Th>
                <Th screenReaderText="Change" />
              </Tr>
            </Thead>
            <Tbody>
              {items.length === 0 && (
                <Tr>
                  <Td colSpan={8}>The host has no physical network adapter, or its driver is missing.</Td>
                </Tr>
              )}
              {items.map((adapter) => (
                <Tr key={adapter.name}>
                  <Td dataLabel="Name">
                    <strong>{adapter.name}</strong>
                    <LabelGroup>
                      {[
                        adapter.isManagement && <Label key="page" isCompact color="blue">This page</Label>,
                        adapter.isDefault && <Label key="default" isCompact>Default route</Label>,
                        adapter.pendingChange !== "" && <Label key="pending" isCompact status="warning">Not kept yet</Label>,
                      ].filter(Boolean)}
                    </LabelGroup>
                  </Td>
                  <Td dataLabel="Link" modifier="nowrap"><LinkState adapter={adapter} /></Td>
                  <Td dataLabel="Addressing">
                    {MODE[adapter.mode]}
                    {adapter.leaseSeconds > 0 && <div><small>lease for {duration(adapter.leaseSeconds)}</small></div>}
                  </Td>
                  <Td dataLabel="Addresses, gateway" className="pe-break">
                    {adapter.addresses.length === 0 ? "No address" : adapter.addresses.map((one) => <div key={one}>{one}</div>)}
                    {adapter.gateway !== "" && <div><small>gateway {adapter.gateway}</small></div>}
                  </Td>
                  <Td dataLabel="VLAN ID" modifier="nowrap">{adapter.vlan === 0 ? "–" : adapter.vlan}</Td>
                  <Td dataLabel="MTU" modifier="nowrap">{adapter.mtu}</Td>
                  <Td dataLabel="MAC, driver" modifier="nowrap">
                    <span className="pe-mono">{adapter.mac}</span>
                    <div><small>{adapter.driver}</small></div>
                  </Td>
                  <Td dataLabel="Change" className="pe-action">
                    <Pencil what={`network adapter ${adapter.name}`} onClick={() => { setEditing(adapter.name); }} />
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
      </Loaded>
      {edited && <AdapterForm adapter={edited} onClose={() => { setEditing(""); }} />}
    </Panel>
  );
}
