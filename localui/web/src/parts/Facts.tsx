import type { ReactNode } from "react";
import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from "@patternfly/react-core";

/** Terms and values in pairs; pairs without a value are left out. */
export function Facts({ pairs, columns }: { pairs: [term: string, value: ReactNode][]; columns?: "two" }) {
  return (
    <DescriptionList
      isHorizontal
      isCompact
      horizontalTermWidthModifier={{ default: "14ch" }}
      columnModifier={columns ? { default: "1Col", "2xl": "2Col" } : { default: "1Col" }}
    >
      {pairs
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([term, value]) => (
          <DescriptionListGroup key={term}>
            <DescriptionListTerm>{term}</DescriptionListTerm>
            <DescriptionListDescription className="pe-break">{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ))}
    </DescriptionList>
  );
}
