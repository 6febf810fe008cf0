import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Content, Flex, FlexItem, Spinner } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import { sentence } from "../../api/client";
import { HOST, archiveQuery, generateLogs } from "../../api/host";
import { Loaded } from "../../parts/Loaded";

export function Archive() {
  const client = useQueryClient();
  const archive = useQuery({
    ...archiveQuery,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.status === "InProgress" ? 2000 : false),
  });
  const collect = useMutation({
    mutationFn: generateLogs,
    onSettled: () => client.invalidateQueries({ queryKey: archiveQuery.queryKey }),
  });
  const running = collect.isPending || archive.data?.status === "InProgress";

  return (
    <>
      <Content component="p">
        All logs, settings and hardware facts of the host in one file, for support. Passwords, keys and the proxy&apos;s
        credentials are left out.
      </Content>
      {collect.isError && (
        <Alert isInline variant="danger" title="The logs are not being collected">
          {sentence(collect.error)}
        </Alert>
      )}
      <Loaded query={archive} what="The state of the archive" lines={1}>
        {({ status, errorMessage }) => (
          <div aria-live="polite" className="pe-result">
            {running && <><Spinner size="md" aria-label="Collecting" /> The host collects its logs; this takes a minute at most.</>}
            {!running && status === "Completed" && <Alert isInline variant="success" title="The archive is ready" />}
            {!running && status === "Failed" && (
              <Alert isInline variant="danger" title="The archive could not be made">
                {errorMessage}. Try again.
              </Alert>
            )}
          </div>
        )}
      </Loaded>
      <Flex>
        <FlexItem>
          <Button variant={archive.data?.status === "Completed" ? "secondary" : "primary"} isDisabled={running} onClick={() => { collect.mutate(); }}>
            {archive.data?.status === "Completed" ? "Collect again" : "Collect the logs"}
          </Button>
        </FlexItem>
        {!running && archive.data?.status === "Completed" && (
          <FlexItem>
            <Button component="a" href={`${HOST}/download-logs`} download icon={<DownloadIcon />}>Download</Button>
          </FlexItem>
        )}
      </Flex>
    </>
  );
}
