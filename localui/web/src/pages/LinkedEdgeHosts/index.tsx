import { EmptyState, EmptyStateBody, List, ListItem } from "@patternfly/react-core";
import { PageTitle } from "../../parts/PageTitle";

export default function LinkedEdgeHosts() {
  return (
    <>
      <PageTitle title="Linked Edge Hosts" />
      <EmptyState titleText="No linked hosts" headingLevel="h2">
        <EmptyStateBody>
          <p>
            With three hosts, one is the leader and the other two are linked to it here. This version of Palette Edge does
            not link hosts yet.
          </p>
          <List isPlain>
            <ListItem>A single host needs no link: nothing is missing for it on this page.</ListItem>
            <ListItem>Three hosts can be installed and set up now, each on its own page, and linked after an update.</ListItem>
          </List>
        </EmptyStateBody>
      </EmptyState>
    </>
  );
}
