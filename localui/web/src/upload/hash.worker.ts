// SHA-256 of a file of any size, away from the page: WebCrypto would need all of it in memory at once.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const PIECE_BYTES = 4 * 1024 * 1024;

export type HashMessage = { doneBytes: number } | { sha256: string } | { error: string };

const scope = self as unknown as { postMessage: (message: HashMessage) => void; onmessage: (event: MessageEvent<File>) => void };

scope.onmessage = ({ data: file }) => {
  const digest = sha256.create();
  const read = async () => {
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      digest.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
      scope.postMessage({ doneBytes: Math.min(file.size, at + PIECE_BYTES) });
    }
    scope.postMessage({ sha256: bytesToHex(digest.digest()) });
  };
  read().catch((error: unknown) => {
    scope.postMessage({ error: error instanceof Error ? error.message : String(error) });
  });
};
