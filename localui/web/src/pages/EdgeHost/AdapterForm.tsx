import { useId, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, FormGroup, Radio } from "@patternfly/react-core";
import { Unreachable } from "../../api/client";
import { adaptersQuery, setAdapter } from "../../api/host";
import type { Adapter } from "../../api/types";
import { useMoving } from "../../app/moving";
import { CONFIRM_SECONDS } from "../../app/NetworkChange";
import { useNotices } from "../../app/Notices";
import { Field, FormModal } from "../../parts/FormModal";
import { newPageUrl, withoutGateway } from "../../parts/address";
import { LinkedWarning } from "./LinkedWarning";

/** The host probes a static address for up to four seconds; then the old address may be gone with the answer. */
const ANSWER_MS = 8000;

export function AdapterForm({ adapter, onClose }: { adapter: Adapter; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const { setMove } = useMoving();
  const group = useId();
  const old = adapter.settings;
  const [mode, setMode] = useState<"dhcp" | "static">(old.mode);
  const [address, setAddress] = useState(old.address ?? "");
  const [netmask, setNetmask] = useState(old.netmask ?? "");
  const [gateway, setGateway] = useState(old.gateway ?? "");
  const [vlan, setVlan] = useState(old.vlan ?? "");
  const [mtu, setMtu] = useState(old.mtu ?? "");
  const fixed = mode === "static";
  const adapters = useQuery(adaptersQuery).data?.items ?? [];

  const waitForIt = () => {
    setMove({
      adapter: adapter.name,
      url: newPageUrl(location, adapter.addresses, fixed ? address.trim() : ""),
      until: Date.now() + CONFIRM_SECONDS * 1000,
    });
    onClose();
  };

  const change = useMutation({
    mutationFn: () =>
      setAdapter(
        adapter.name,
        {
          mode,
          address: fixed ? address.trim() : "",
          netmask: fixed ? netmask.trim() : "",
          gateway: fixed ? gateway.trim() : "",
          vlan: vlan.trim(),
          mtu: mtu.trim(),
          confirmSeconds: adapter.isManagement ? CONFIRM_SECONDS : 0,
        },
        adapter.isManagement ? ANSWER_MS : 30_000,
      ),
    onSuccess: ({ changeId }) => {
      if (changeId !== "") {
        waitForIt();
        return;
      }
      done(`${adapter.name} is configured`);
      void client.invalidateQueries({ queryKey: adaptersQuery.queryKey });
      onClose();
    },
    onError: (error) => {
      // No answer is what a change of the address in use looks like from here.
      if (adapter.isManagement && error instanceof Unreachable) waitForIt();
    },
  });

  return (
    <FormModal
      title={`Network adapter ${adapter.name}`}
      description={`${adapter.mac}; in force: ${adapter.addresses.join(", ") || "no address"}, MTU ${String(adapter.mtu)} (of ${String(adapter.mtuMin)} to ${String(adapter.mtuMax)})`}
      mutation={change}
      onClose={onClose}
      fields={["addressing", "IP address", "subnet mask", "default gateway", "VLAN ID", "MTU"]}
    >
      {adapter.isManagement && (
        <Alert isInline variant="warning" title="This page is reached through this adapter">
          The change is tried first: it is taken back unless the page is reached again within {CONFIRM_SECONDS} seconds.
        </Alert>
      )}
      {adapter.addresses.length > 0 && <LinkedWarning />}
      <FormGroup role="radiogroup" label="Addressing" isInline fieldId={group}>
        <Radio name={group} id={`${group}-dhcp`} label="DHCP" isChecked={!fixed} onChange={() => { setMode("dhcp"); }} />
        <Radio name={group} id={`${group}-static`} label="Static IP" isChecked={fixed} onChange={() => { setMode("static"); }} />
      </FormGroup>
      {fixed && (
        <>
          <Field label="IP address" isRequired value={address} onChange={setAddress} placeholder="192.0.2.10" help="192.0.2.10, or with its prefix: 192.0.2.10/24" />
          <Field label="Subnet mask" name="subnet mask" value={netmask} onChange={setNetmask} placeholder="255.255.255.0" help="255.255.255.0 or 24; may be left out where the address has a prefix." />
          <Field label="Default gateway" name="default gateway" value={gateway} onChange={setGateway} placeholder="192.0.2.1" help="In the same subnet; may be left out." />
          {withoutGateway(adapters, adapter.name, gateway) && (
            <Alert isInline isPlain variant="warning" title="No adapter would have a default gateway">
              This host is then reached from its own subnet alone, and reaches nothing outside it.
            </Alert>
          )}
        </>
      )}
      <Field label="VLAN ID" value={vlan} onChange={setVlan} help="1 to 4094: all packets of the adapter are tagged with it. Empty: none." />
      <Field label="MTU" value={mtu} onChange={setMtu} help={`${String(adapter.mtuMin)} to ${String(adapter.mtuMax)} bytes. Empty: ${String(Math.min(1500, adapter.mtuMax))}.`} />
    </FormModal>
  );
}
