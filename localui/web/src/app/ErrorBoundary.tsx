// A fault of the page itself, or a part of it that did not arrive: says so instead of a white screen.
import { Component, type ReactNode } from "react";
import { Alert, AlertActionLink } from "@patternfly/react-core";

export class ErrorBoundary extends Component<{ children: ReactNode }, { fault: string }> {
  override state = { fault: "" };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.fault === "") return this.props.children;
    return (
      <Alert
        variant="danger"
        isInline
        title="This part of the page could not be shown"
        actionLinks={<AlertActionLink onClick={() => { location.reload(); }}>Load the page again</AlertActionLink>}
      >
        {this.state.fault}. If it stays so after loading the page again, the same settings are in palette-tui on the
        host.
      </Alert>
    );
  }
}
