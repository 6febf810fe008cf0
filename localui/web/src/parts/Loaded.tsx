// A query on the page: a sign of waiting, the reason and a way to try again, or the thing itself.
import type { ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Alert, AlertActionLink, Skeleton } from "@patternfly/react-core";
import { sentence } from "../api/client";

export function Loaded<T>({ query, what, lines = 3, children }: {
  query: UseQueryResult<T>;
  /** As in "The adapters could not be read". */
  what: string;
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError)
    return (
      <Alert
        isInline
        variant="danger"
        title={`${what} could not be read`}
        actionLinks={<AlertActionLink onClick={() => void query.refetch()}>Try again</AlertActionLink>}
      >
        {sentence(query.error)}
      </Alert>
    );
  return (
    <div role="status" aria-label={`Reading: ${what}`}>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className="pe-skeleton" screenreaderText={i === 0 ? "Loading" : ""} />
      ))}
    </div>
  );
}
