// The own account: password, SSH keys, sessions.
import { Grid, GridItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { userQuery } from "../../api/host";
import { useSession } from "../../app/session";
import { Loaded } from "../../parts/Loaded";
import { PageTitle } from "../../parts/PageTitle";
import { Password } from "./Password";
import { Sessions } from "./Sessions";
import { SshKeys } from "./SshKeys";

export default function Account() {
  const { session } = useSession();
  const user = useQuery(userQuery);
  return (
    <>
      <PageTitle title={`Account ${session.userName}`}>For this page, for SSH and for the console.</PageTitle>
      <Grid hasGutter>
        <GridItem span={12} xl={5}>
          <Loaded query={user} what="The account">{(data) => <Password user={data} />}</Loaded>
        </GridItem>
        <GridItem span={12} xl={7}>
          <Loaded query={user} what="The SSH keys">{(data) => <SshKeys keys={data.sshKeys} />}</Loaded>
        </GridItem>
        <GridItem span={12}>
          <Sessions />
        </GridItem>
      </Grid>
    </>
  );
}
