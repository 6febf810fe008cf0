// One chunk of an upload: XMLHttpRequest, because fetch does not tell how much has been sent.
import { ApiError, Unreachable, errorFrom } from "../api/client";
import type { Upload } from "../api/types";

/** A connection that moves nothing for so long is dead. */
const STALL_MS = 30_000;

/** Sends `chunk`, which begins at `offset`; resolves with what the host has then. */
export function sendChunk(path: string, offset: number, chunk: Blob, progress: (sent: number) => void, signal: AbortSignal): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const alive = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => { request.abort(); }, STALL_MS);
    };
    const stop = () => { request.abort(); };
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    request.open("PUT", `${path}?offset=${String(offset)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Palette-Request", "1");
    request.upload.onprogress = (event) => {
      alive();
      progress(event.loaded);
    };
    request.onload = () => {
      end();
      if (request.status === 200) resolve(JSON.parse(request.responseText) as Upload);
      else reject(errorFrom(request.status, request.responseText));
    };
    request.onerror = request.onabort = () => {
      end();
      reject(signal.aborted ? new ApiError(0, "Cancelled", "Stopped.") : new Unreachable());
    };
    signal.addEventListener("abort", stop);
    alive();
    request.send(chunk);
  });
}
