import { useEffect, useRef, useState, useSyncExternalStore, type DragEvent } from "react";
import { useQueryClient } from "@tanstack/react-query";
import {
  Alert, Button, Content, DataList, DataListAction, DataListCell, DataListItem, DataListItemCells, DataListItemRow, Progress,
} from "@patternfly/react-core";
import UploadIcon from "@patternfly/react-icons/dist/esm/icons/upload-icon";
import { contentQuery } from "../../api/host";
import type { ContentList, Upload } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { bytes, duration, percent } from "../../parts/format";
import { Panel } from "../../parts/Panel";
import * as uploads from "../../upload/uploads";

export function UploadPanel({ unfinished, storage }: { unfinished: Upload[]; storage: ContentList["storage"] | undefined }) {
  const client = useQueryClient();
  const { failed } = useNotices();
  const jobs = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const mine = new Set(jobs.filter((job) => job.phase !== "failed").map((job) => job.uploadId));
  const left = unfinished.filter((upload) => !mine.has(upload.uploadId));

  useEffect(() => {
    uploads.setStoredListener(() => void client.invalidateQueries({ queryKey: contentQuery.queryKey }));
  }, [client]);

  const take = (files: FileList | null) => {
    const [fits, large]: [File[], File[]] = [[], []];
    // A file that is there in part already needs less; the host decides in the end.
    for (const file of files ?? [])
      (storage && file.size > storage.availableBytes && !left.some(({ name }) => name === file.name) ? large : fits).push(file);
    for (const file of large)
      failed(`${file.name} is too large`, new Error(`It has ${bytes(file.size)}, the host takes ${bytes(storage?.availableBytes ?? 0)} now. Delete content that is not needed.`));
    uploads.add(fits);
  };

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };

  return (
    <Panel title="Upload">
      <div
        className={over ? "pe-drop pe-drop-over" : "pe-drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => { setOver(false); }}
        onDrop={drop}
      >
        <Button variant="primary" icon={<UploadIcon />} onClick={() => input.current?.click()}>
          Upload Content
        </Button>
        <Content component="small">
          or drop files here. Each is checked by its SHA-256; an upload that was interrupted goes on where it stopped.
        </Content>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => {
            take(event.target.files);
            event.target.value = "";
          }}
        />
      </div>
      {jobs.length > 0 && (
        <DataList aria-label="Uploads" isCompact>
          {jobs.map((job) => (
            <Row key={job.key} job={job} />
          ))}
        </DataList>
      )}
      {left.map((upload) => (
        <Unfinished key={upload.uploadId} upload={upload} onChoose={() => input.current?.click()} />
      ))}
    </Panel>
  );
}

const SAYS: Record<uploads.Phase, string> = {
  waiting: "Waiting for the one before it",
  hashing: "Computing SHA-256",
  uploading: "Uploading",
  lost: "The host does not answer; it is asked again by itself",
  verifying: "The host checks the file",
  stopped: "Stopped",
  done: "Verified and stored",
  failed: "Failed",
};

function Row({ job }: { job: uploads.Job }) {
  const value = job.phase === "verifying" || job.phase === "done" ? 100 : percent(job.doneBytes, job.file.size);
  const left = job.bytesPerSecond > 0 ? (job.file.size - job.doneBytes) / job.bytesPerSecond : 0;
  const said = [
    SAYS[job.phase],
    job.phase === "failed" ? job.message : "",
    job.phase === "hashing" || job.phase === "uploading" ? `${bytes(job.doneBytes)} of ${bytes(job.file.size)}` : "",
    job.bytesPerSecond > 0 ? `${bytes(job.bytesPerSecond)}/s` : "",
    left > 0 ? `${duration(left + 1)} left` : "",
  ];
  const outcome = { done: "success", failed: "danger", lost: "warning" } as const;
  const id = `upload-${String(job.key)}`;
  return (
    <DataListItem aria-labelledby={id}>
      <DataListItemRow>
        <DataListItemCells
          dataListCells={[
            <DataListCell key="what" className="pe-break">
              <Progress
                id={`${id}-bar`}
                title={<span id={id}>{job.file.name}</span>}
                aria-labelledby={id}
                value={value}
                valueText={SAYS[job.phase]}
                helperText={said.filter((part) => part !== "").join(" · ")}
                {...(job.phase in outcome && { variant: outcome[job.phase as keyof typeof outcome] })}
              />
            </DataListCell>,
          ]}
        />
        <DataListAction id={`${id}-actions`} aria-labelledby={id} aria-label="Actions">
          <Actions job={job} />
        </DataListAction>
      </DataListItemRow>
    </DataListItem>
  );
}

function Actions({ job }: { job: uploads.Job }) {
  const { name } = job.file;
  const button = (text: string, act: (key: number) => void) => (
    <Button size="sm" variant="secondary" aria-label={`${text} ${name}`} onClick={() => { act(job.key); }}>
      {text}
    </Button>
  );
  if (job.phase === "done") return button("Dismiss", uploads.remove);
  if (job.phase === "verifying") return null;
  return (
    <>
      {job.phase === "stopped" || job.phase === "failed" ? button("Resume", uploads.resume) : button("Stop", uploads.stop)}
      {button("Cancel", uploads.remove)}
    </>
  );
}

/** From an earlier visit, another browser or curl: the file itself is not here. */
function Unfinished({ upload, onChoose }: { upload: Upload; onChoose: () => void }) {
  const client = useQueryClient();
  const { failed } = useNotices();
  return (
    <Alert
      isInline
      variant="info"
      title={`${upload.name} is not complete: ${bytes(upload.offset)} of ${bytes(upload.sizeBytes)}`}
      actionLinks={
        <>
          <Button variant="link" isInline onClick={onChoose}>Choose the file to go on</Button>
          <Button
            variant="link"
            isInline
            onClick={() => {
              uploads
                .giveUp(upload.uploadId)
                .catch((error: unknown) => { failed("The upload could not be given up", error); })
                .finally(() => void client.invalidateQueries({ queryKey: contentQuery.queryKey }));
            }}
          >
            Give it up
          </Button>
        </>
      }
    >
      It goes on where it stopped when the same file is chosen again.
    </Alert>
  );
}
