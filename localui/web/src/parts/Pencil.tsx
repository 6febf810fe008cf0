import { Button } from "@patternfly/react-core";
import PencilAltIcon from "@patternfly/react-icons/dist/esm/icons/pencil-alt-icon";

/** The button beside what it changes; `what` as in "Edit HTTP Proxy". */
export function Pencil({ what, onClick, isDisabled = false }: { what: string; onClick: () => void; isDisabled?: boolean }) {
  return <Button variant="plain" icon={<PencilAltIcon />} aria-label={`Edit ${what}`} onClick={onClick} isDisabled={isDisabled} />;
}
