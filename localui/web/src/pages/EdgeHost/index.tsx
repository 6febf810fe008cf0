// The landing page: the host as it is now, with a pencil beside everything that can be changed.
import { useQuery } from "@tanstack/react-query";
import { Grid, GridItem } from "@patternfly/react-core";
import { hostQuery } from "../../api/host";
import { Loaded } from "../../parts/Loaded";
import { PageTitle } from "../../parts/PageTitle";
import { Adapters } from "./Adapters";
import { Disks } from "./Disks";
import { DnsCard } from "./DnsCard";
import { NtpCard } from "./NtpCard";
import { ProxyCard } from "./ProxyCard";
import { HardwareCard, SystemCard } from "./SystemCards";
import { UsageCard } from "./UsageCard";

export default function EdgeHost() {
  const host = useQuery(hostQuery);
  return (
    <>
      <PageTitle title="Edge Host" />
      <Grid hasGutter>
        <GridItem span={12} xl={6} xl2={5}>
          <Loaded query={host} what="The host" lines={8}>
            {(data) => <SystemCard host={data} />}
          </Loaded>
        </GridItem>
        <GridItem span={12} xl={6} xl2={4}>
          <Loaded query={host} what="The use of the host" lines={8}>
            {(data) => <UsageCard host={data} />}
          </Loaded>
        </GridItem>
        <GridItem span={12} xl={6} xl2={3}>
          <Loaded query={host} what="The hardware" lines={8}>
            {(data) => <HardwareCard host={data} />}
          </Loaded>
        </GridItem>
        <GridItem span={12} xl={6} xl2={5}>
          <ProxyCard />
        </GridItem>
        <GridItem span={12} xl={6} xl2={4}>
          <DnsCard />
        </GridItem>
        <GridItem span={12} xl={6} xl2={3}>
          <NtpCard />
        </GridItem>
        <GridItem span={12}>
          <Adapters />
        </GridItem>
        <GridItem span={12}>
          <Loaded query={host} what="The disks">
            {(data) => <Disks disks={data.hardware.disks} />}
          </Loaded>
        </GridItem>
      </Grid>
    </>
  );
}
