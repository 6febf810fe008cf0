import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dnsQuery, setDns } from "../../api/host";
import type { Dns } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { Facts } from "../../parts/Facts";
import { Field, FormModal } from "../../parts/FormModal";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { Pencil } from "../../parts/Pencil";

export function DnsCard() {
  const [editing, setEditing] = useState(false);
  const dns = useQuery(dnsQuery);
  return (
    <Panel title="DNS" actions={<Pencil what="DNS" onClick={() => { setEditing(true); }} isDisabled={!dns.isSuccess} />}>
      <Loaded query={dns} what="The name servers">
        {(data) => (
          <Facts
            pairs={[
              ["Configured", [data.primary, data.alternate].filter((one) => one !== "").join(", ") || "By DHCP"],
              ["Search domain", data.search || "–"],
              ["In force", data.servers.join(", ") || "None"],
              ["Domains in force", data.domains.join(", ")],
            ]}
          />
        )}
      </Loaded>
      {editing && dns.data && <DnsForm old={dns.data} onClose={() => { setEditing(false); }} />}
    </Panel>
  );
}

function DnsForm({ old, onClose }: { old: Dns; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [primary, setPrimary] = useState(old.primary);
  const [alternate, setAlternate] = useState(old.alternate);
  const [search, setSearch] = useState(old.search);
  const change = useMutation({
    mutationFn: () => setDns({ primary: primary.trim(), alternate: alternate.trim(), search: search.trim() }),
    onSuccess: () => {
      done("The name servers are changed");
      void client.invalidateQueries({ queryKey: dnsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormModal
      title="DNS"
      variant="small"
      description="With all fields empty, what DHCP says is used."
      mutation={change}
      onClose={onClose}
      fields={["primary name server", "alternate name server", "search domain"]}
    >
      <Field label="Primary name server" name="primary name server" autoFocus value={primary} onChange={setPrimary} help="An IPv4 address." />
      <Field label="Alternate name server" name="alternate name server" value={alternate} onChange={setAlternate} />
      <Field label="Search domain" name="search domain" value={search} onChange={setSearch} help="One or several, with blanks between." />
    </FormModal>
  );
}
