import { useState } from "react";
import { Tab, TabTitleText, Tabs } from "@patternfly/react-core";
import { PageTitle } from "../../parts/PageTitle";
import { Archive } from "./Archive";
import { Connectivity } from "./Connectivity";
import { Logs } from "./Logs";

export default function Diagnostics() {
  const [tab, setTab] = useState<string | number>("connectivity");
  return (
    <>
      <PageTitle title="Diagnostics">What the host reaches from where it stands, and what it wrote down.</PageTitle>
      <Tabs activeKey={tab} onSelect={(_, key) => { setTab(key); }} aria-label="Diagnostics" mountOnEnter>
        <Tab eventKey="connectivity" title={<TabTitleText>Connectivity</TabTitleText>}>
          <div className="pe-tab"><Connectivity /></div>
        </Tab>
        <Tab eventKey="logs" title={<TabTitleText>Logs</TabTitleText>}>
          <div className="pe-tab"><Logs /></div>
        </Tab>
        <Tab eventKey="archive" title={<TabTitleText>Log archive</TabTitleText>}>
          <div className="pe-tab"><Archive /></div>
        </Tab>
      </Tabs>
    </>
  );
}
