// Linked hosts know each other by their addresses; one by DHCP may become another host's.
import { useQuery } from "@tanstack/react-query";
import { Alert } from "@patternfly/react-core";
import { adaptersQuery } from "../api/host";
import { leased } from "./address";

export function LeaseWarning() {
  const adapters = useQuery(adaptersQuery);
  const addresses = leased(adapters.data?.items ?? []);
  if (addresses.length === 0) return null;
  return (
    <Alert isInline className="pe-title" variant="warning" title="This host has its address by DHCP">
      {addresses.join(", ")}: reserve it on the DHCP server, or make it static under Edge Host, before hosts are linked.
    </Alert>
  );
}
