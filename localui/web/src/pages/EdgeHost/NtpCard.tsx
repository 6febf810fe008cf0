import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Label } from "@patternfly/react-core";
import { ntpQuery, setNtp } from "../../api/host";
import { useNotices } from "../../app/Notices";
import { Facts } from "../../parts/Facts";
import { Field, FormModal } from "../../parts/FormModal";
import { words } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { Pencil } from "../../parts/Pencil";

export function NtpCard() {
  const [editing, setEditing] = useState(false);
  const ntp = useQuery({ ...ntpQuery, refetchInterval: 30_000 });
  return (
    <Panel title="Time" actions={<Pencil what="time servers" onClick={() => { setEditing(true); }} isDisabled={!ntp.isSuccess} />}>
      <Loaded query={ntp} what="The time servers">
        {(data) => (
          <Facts
            pairs={[
              ["NTP servers", data.servers.join(", ") || "The built-in ones"],
              ["Clock", <Label key="clock" status={data.synchronized ? "success" : "warning"}>{data.synchronized ? "Synchronized" : "Not synchronized"}</Label>],
            ]}
          />
        )}
      </Loaded>
      {editing && ntp.data && <NtpForm old={ntp.data.servers} onClose={() => { setEditing(false); }} />}
    </Panel>
  );
}

function NtpForm({ old, onClose }: { old: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [servers, setServers] = useState(old.join("\n"));
  const change = useMutation({
    mutationFn: () => setNtp(words(servers)),
    onSuccess: () => {
      done("The time servers are changed");
      void client.invalidateQueries({ queryKey: ntpQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormModal title="Time servers" variant="small" mutation={change} onClose={onClose} fields={["NTP server"]}>
      <Field
        label="NTP servers"
        name="NTP server"
        autoFocus
        rows={4}
        value={servers}
        onChange={setServers}
        help="Names or IPv4 addresses, one a line, up to 8. None: the built-in ones."
      />
    </FormModal>
  );
}
