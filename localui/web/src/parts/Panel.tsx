import type { ReactNode } from "react";
import { Card, CardBody, CardHeader, CardTitle } from "@patternfly/react-core";

/** A card with a heading and, on its right, what changes it. */
export function Panel({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Card isFullHeight component="section" aria-label={title}>
      <CardHeader {...(actions !== undefined && { actions: { actions, hasNoOffset: true } })}>
        <CardTitle component="h2">{title}</CardTitle>
      </CardHeader>
      <CardBody>{children}</CardBody>
    </Card>
  );
}
