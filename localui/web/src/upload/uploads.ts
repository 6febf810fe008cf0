// The uploads of this page. They go on while the person looks at other pages, so they live outside of React.
import { ApiError, call, sentence } from "../api/client";
import { HOST, renew } from "../api/host";
import type { ContentItem, Upload } from "../api/types";
import type { HashMessage } from "./hash.worker";
import { sendChunk } from "./send";

export type Phase = "waiting" | "hashing" | "uploading" | "lost" | "verifying" | "stopped" | "done" | "failed";

export interface Job {
  readonly key: number;
  readonly file: File;
  phase: Phase;
  /** Of the phase: bytes hashed, or bytes the host has. */
  doneBytes: number;
  /** Of the last seconds; 0 unknown. */
  bytesPerSecond: number;
  sha256: string;
  uploadId: string;
  /** Why it failed or stopped. */
  message: string;
}

const CHUNK_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 3000;
/** The session must not end under a long upload. */
const RENEW_MS = 30 * 60 * 1000;
const UPLOADS = `${HOST}/content/uploads`;

let jobs: readonly Job[] = [];
let nextKey = 1;
let running = false;
let renewedAt = Date.now();
const stops = new Map<number, AbortController>();
const listeners = new Set<() => void>();
/** Told when a file has become part of the content. */
let onStored: () => void = () => undefined;

export const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};
export const snapshot = () => jobs;
export const setStoredListener = (listener: () => void) => { onStored = listener; };

const ACTIVE: readonly Phase[] = ["waiting", "hashing", "uploading", "lost", "verifying"];
export const isActive = (job: Job) => ACTIVE.includes(job.phase);

function change(key: number, what: Partial<Job>): void {
  jobs = jobs.map((job) => (job.key === key ? { ...job, ...what } : job));
  for (const listener of listeners) listener();
}

const find = (key: number) => jobs.find((job) => job.key === key);

export function add(files: Iterable<File>): void {
  for (const file of files) {
    jobs = [...jobs, { key: nextKey++, file, phase: "waiting", doneBytes: 0, bytesPerSecond: 0, sha256: "", uploadId: "", message: "" }];
  }
  for (const listener of listeners) listener();
  void work();
}

/** What the host has stays there: the upload goes on from there. */
export function stop(key: number): void {
  if (find(key)?.phase === "verifying") return;
  stops.get(key)?.abort();
  change(key, { phase: "stopped", bytesPerSecond: 0, message: "" });
}

export function resume(key: number): void {
  change(key, { phase: "waiting", message: "" });
  void work();
}

/** Forgets it; what the host has of it is given up too. */
export function remove(key: number): void {
  const job = find(key);
  stops.get(key)?.abort();
  jobs = jobs.filter((one) => one.key !== key);
  for (const listener of listeners) listener();
  if (job && job.uploadId !== "" && job.phase !== "done") void giveUp(job.uploadId).catch(() => undefined).finally(onStored);
}

export const giveUp = (uploadId: string) => call<undefined>(`${UPLOADS}/${encodeURIComponent(uploadId)}`, { method: "DELETE" });

window.addEventListener("beforeunload", (event) => {
  if (jobs.some(isActive)) event.preventDefault();
});

/** One after the other: two at once would only share the line. */
async function work(): Promise<void> {
  if (running) return;
  running = true;
  for (let job = jobs.find(({ phase }) => phase === "waiting"); job; job = jobs.find(({ phase }) => phase === "waiting")) {
    const control = new AbortController();
    stops.set(job.key, control);
    try {
      await upload(job, control.signal);
    } catch (error) {
      if (!control.signal.aborted) change(job.key, { phase: "failed", bytesPerSecond: 0, message: sentence(error) });
    }
    stops.delete(job.key);
  }
  running = false;
}

async function upload({ key, file, sha256: known }: Job, signal: AbortSignal): Promise<void> {
  const sha256 = known === "" ? await hash(key, file, signal) : known;
  change(key, { sha256 });
  const begun = await insist(key, signal, () =>
    call<Upload>(UPLOADS, { method: "POST", body: { name: file.name, sizeBytes: file.size, sha256 }, signal }),
  );
  change(key, { phase: "uploading", uploadId: begun.uploadId, doneBytes: begun.offset });
  const path = `${UPLOADS}/${encodeURIComponent(begun.uploadId)}`;
  await sendAll(key, file, path, begun.offset, signal);
  change(key, { phase: "verifying", bytesPerSecond: 0 });
  // The host reads all of it and flushes it. It gives up after an hour and as long as 10 MB/s need; not before it.
  const timeoutMs = 3_900_000 + Math.ceil(file.size / 10_000);
  await call<ContentItem>(`${path}/finish`, { method: "POST", timeoutMs });
  change(key, { phase: "done", doneBytes: file.size });
  onStored();
}

async function sendAll(key: number, file: File, path: string, from: number, signal: AbortSignal): Promise<void> {
  const speed = meter();
  let offset = from;
  while (offset < file.size) {
    const begin = offset;
    try {
      const answer = await sendChunk(path, begin, file.slice(begin, begin + CHUNK_BYTES), (sent) => {
        change(key, { phase: "uploading", doneBytes: begin + sent, bytesPerSecond: speed(begin + sent) });
      }, signal);
      if (answer.offset <= begin) throw new ApiError(0, "Failed", "The host answered, but took nothing of the file. Try again.");
      offset = answer.offset;
    } catch (error) {
      // The host knows how much of it arrived. What it refuses for good (no space) is not asked again.
      const standsElsewhere = error instanceof ApiError && (error.status === 409 || error.status === 416);
      if (signal.aborted || (error instanceof ApiError && error.status < 500 && !standsElsewhere)) throw error;
      if (error instanceof ApiError && error.status === 507) throw error;
      if (standsElsewhere) await pause(signal);
      offset = (await insist(key, signal, () => call<Upload>(path, { signal }))).offset;
    }
    change(key, { phase: "uploading", doneBytes: offset });
    if (Date.now() - renewedAt > RENEW_MS) {
      renewedAt = Date.now();
      await renew().catch(() => undefined);
    }
  }
}

const pause = (signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, RETRY_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new ApiError(0, "Cancelled", "Stopped."));
    });
  });

/** Asks until the host answers; a refusal is an answer. */
async function insist<T>(key: number, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status !== 503)) throw error;
      change(key, { phase: "lost", bytesPerSecond: 0 });
      await pause(signal);
    }
  }
}

function hash(key: number, file: File, signal: AbortSignal): Promise<string> {
  change(key, { phase: "hashing", doneBytes: 0 });
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
    const end = (how: () => void) => {
      worker.terminate();
      how();
    };
    signal.addEventListener("abort", () => { end(() => { reject(new ApiError(0, "Cancelled", "Stopped.")); }); });
    worker.onerror = () => { end(() => { reject(new Error("The file could not be read. Choose it again.")); }); };
    worker.onmessage = ({ data }: MessageEvent<HashMessage>) => {
      if ("doneBytes" in data) change(key, { doneBytes: data.doneBytes });
      else if ("sha256" in data) end(() => { resolve(data.sha256); });
      else end(() => { reject(new Error(`The file could not be read: ${data.error}. Choose it again.`)); });
    };
    worker.postMessage(file);
  });
}

/** Bytes per second over the last five seconds. */
function meter(): (doneBytes: number) => number {
  const seen: [ms: number, bytes: number][] = [];
  return (doneBytes) => {
    const now = performance.now();
    seen.push([now, doneBytes]);
    while (seen.length > 2 && now - (seen[0]?.[0] ?? now) > 5000) seen.shift();
    const [first] = seen;
    return first && now - first[0] > 500 ? ((doneBytes - first[1]) / (now - first[0])) * 1000 : 0;
  };
}
