// Paste the leader's token. The dialog stays until the host is linked or says why it is not.
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { linkQuery, linkToLeader } from "../../api/host";
import { useNotices } from "../../app/Notices";
import { Field, FormModal } from "../../parts/FormModal";
import { LeaseWarning } from "../../parts/LeaseWarning";

const ASK_MS = 500;
/** The host gives up by itself before that. */
const MOST_MS = 60_000;

export function LinkToLeader({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [token, setToken] = useState("");

  const join = useMutation({
    mutationFn: async () => {
      let status = await linkToLeader(token.trim());
      for (const end = Date.now() + MOST_MS; status.status === "Pending" || status.status === "InProgress";) {
        if (Date.now() > end) throw new Error("The leader does not answer. Check that the hosts reach each other and try a new token.");
        await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
        status = await client.fetchQuery({ ...linkQuery, staleTime: 0 });
      }
      if (status.role !== "follower") throw new Error(status.errorMessage);
    },
    onSuccess: () => {
      done("This host is linked");
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: linkQuery.queryKey }),
  });

  return (
    <FormModal
      title="Link this device to another"
      description="The leader's page Linked Edge Hosts shows the token. This host then takes its content from the leader: a file of the same name that is here already is replaced by the leader's, others stay."
      failure="Not linked"
      mutation={join}
      onClose={onClose}
      fields={["token"]}
      isReady={token.trim() !== ""}
    >
      <LeaseWarning />
      <Field label="Token" name="token" value={token} onChange={setToken} rows={5} isRequired autoFocus />
    </FormModal>
  );
}
