// What a changed address does to the links of this host; nothing where it has none.
import { useQuery } from "@tanstack/react-query";
import { Alert } from "@patternfly/react-core";
import { linkQuery } from "../../api/host";

export function LinkedWarning() {
  const link = useQuery(linkQuery);
  const { role, peers } = link.data ?? { role: "none", peers: [] };
  if (peers.length === 0) return null;
  if (role === "leader")
    return (
      <Alert isInline variant="warning" title={`This host leads ${String(peers.length)} linked host${peers.length === 1 ? "" : "s"}`}>
        They know it by its address. If the change takes that away, each is Unhealthy and gets no content until the address is set
        back, or until it is unlinked and linked again with a new token.
      </Alert>
    );
  return (
    <Alert isInline variant="warning" title={`This host is linked to ${peers[0]?.hostName ?? ""}`}>
      The leader takes a new address over by itself, but only while this host reaches it from there: look on its page for Healthy
      afterwards. Content waits until then.
    </Alert>
  );
}
