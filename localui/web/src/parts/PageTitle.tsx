import type { ReactNode } from "react";
import { Content, Flex, FlexItem, Title } from "@patternfly/react-core";

/** The page's name, a sentence about it, and what can be done with all of it. */
export function PageTitle({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <Flex
      justifyContent={{ default: "justifyContentSpaceBetween" }}
      alignItems={{ default: "alignItemsFlexStart" }}
      className="pe-title"
    >
      <FlexItem flex={{ default: "flex_1" }}>
        <Title headingLevel="h1">{title}</Title>
        {children !== undefined && <Content component="p">{children}</Content>}
      </FlexItem>
      {actions !== undefined && <FlexItem>{actions}</FlexItem>}
    </Flex>
  );
}
