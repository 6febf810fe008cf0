import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Label } from "@patternfly/react-core";
import { hostQuery, metricsQuery, setHostName } from "../../api/host";
import type { EdgeHost } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { useLive } from "../../app/Live";
import { Facts } from "../../parts/Facts";
import { Field, FormModal } from "../../parts/FormModal";
import { bytes, dateTime, duration } from "../../parts/format";
import { Panel } from "../../parts/Panel";
import { Pencil } from "../../parts/Pencil";

function State({ host }: { host: EdgeHost }) {
  const { link, service } = useLive();
  if (link !== "up") return <Label status="warning">Connecting</Label>;
  if (!service) return <Label status="warning">Host service does not answer</Label>;
  if (host.hostInfo.hostState === "reset-requested") return <Label status="danger">Reset at the next start</Label>;
  return <Label status="success">Ready</Label>;
}

export function SystemCard({ host }: { host: EdgeHost }) {
  const [editing, setEditing] = useState(false);
  const metrics = useQuery(metricsQuery).data;
  const { os } = host;

  return (
    <Panel title="Host" actions={<Pencil what="host name" onClick={() => { setEditing(true); }} />}>
      <Facts
        pairs={[
          ["Host name", <strong key="name">{host.metadata.name}</strong>],
          ["State", <State key="state" host={host} />],
          ["Version", [os.imageVersion, os.slot === "" ? "" : `slot ${os.slot}`].filter((one) => one !== "").join(", ")],
          ["Uptime", duration(metrics?.uptimeSeconds ?? host.uptimeSeconds)],
          ["Started", dateTime(new Date(host.bootTime * 1000).toISOString())],
          ["Operating system", [os.version === "" ? os.family : os.version, os.kernel === "" ? "" : `kernel ${os.kernel}`].filter((one) => one !== "").join(", ")],
          [
            "SSH",
            host.ssh.running ? (
              <>
                <div>Running</div>
                {host.ssh.fingerprints.map((one) => (
                  <div key={one} className="pe-mono">{one}</div>
                ))}
              </>
            ) : (
              "Not running"
            ),
          ],
        ]}
      />
      {editing && <HostNameForm name={host.metadata.name} onClose={() => { setEditing(false); }} />}
    </Panel>
  );
}

function HostNameForm({ name, onClose }: { name: string; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [typed, setTyped] = useState(name);
  const change = useMutation({
    mutationFn: () => setHostName(typed),
    onSuccess: () => {
      done("The host name is changed", `The host is called ${typed} now.`);
      void client.invalidateQueries({ queryKey: hostQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormModal title="Host name" variant="small" mutation={change} onClose={onClose} fields={["host name"]}>
      <Field
        label="Host name"
        name="host name"
        autoFocus
        isRequired
        value={typed}
        onChange={setTyped}
        help="Lower-case letters, digits and hyphens, with dots between labels; at most 64 characters."
      />
    </FormModal>
  );
}

/** "4 cores"; nothing where the machine does not tell. */
const count = (n: number, what: string): string[] => (n === 0 ? [] : [`${String(n)} ${what}${n === 1 ? "" : "s"}`]);

export function HardwareCard({ host }: { host: EdgeHost }) {
  const { hardware, hostInfo } = host;
  const { cpu } = hardware;
  return (
    <Panel title="Hardware">
      <Facts
        pairs={[
          ["Vendor", hardware.vendor],
          ["Model", hardware.model],
          ["Serial number", hardware.serial],
          ["Product UUID", host.metadata.uid],
          ["Machine", hostInfo.hostType === "virtual" ? `Virtual (${hostInfo.virtualization})` : "Physical"],
          ["Firmware", hostInfo.firmware],
          ["Secure Boot", { enabled: "Enabled", disabled: "Disabled", unsupported: "Not supported" }[hostInfo.secureBoot]],
          ["Processor", [cpu.model === "" ? hardware.arch : cpu.model, ...count(cpu.cores, "core"), ...count(cpu.threads, "thread")].join(", ")],
          ["Memory", hardware.memory.totalBytes === 0 ? "" : bytes(hardware.memory.totalBytes)],
          ["GPU", hardware.gpus.map((gpu) => `${gpu.vendor} ${gpu.model}`).join(", ")],
        ]}
      />
    </Panel>
  );
}
