// Tells before a session ends by its age, and makes it longer when asked.
import { useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, AlertActionLink } from "@patternfly/react-core";
import { renew, sessionQuery } from "../api/host";
import { duration } from "../parts/format";
import { useNotices } from "./Notices";

const WARN_SECONDS = 5 * 60;

export function SessionEnd() {
  const client = useQueryClient();
  const { failed } = useNotices();
  const session = useQuery({ ...sessionQuery, staleTime: Infinity });
  const end = session.dataUpdatedAt + (session.data?.remainingSeconds ?? 0) * 1000;
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 5000);
    return () => { clearInterval(timer); };
  }, []);

  const left = Math.round((end - now) / 1000);
  if (!session.data || left > WARN_SECONDS || left <= 0) return null;
  return (
    <Alert
      isInline
      isLiveRegion
      variant="warning"
      title={`Your session ends in ${duration(left)}`}
      actionLinks={
        <AlertActionLink
          onClick={() => {
            renew()
              .then((reply) => { client.setQueryData(sessionQuery.queryKey, reply.session); })
              .catch((error: unknown) => { failed("The session could not be made longer", error); });
          }}
        >
          Stay logged in
        </AlertActionLink>
      }
    />
  );
}
