import type { LogEntry } from "../api/types";

const GRAVE = ["emergency", "alert", "critical", "error", "warning"];

/** One entry as journalctl shows it, with the priority in words where it is grave: colour is not the only sign. Pure. */
export function logLine({ time, identifier, unit, pid, priority, message }: LogEntry): string {
  const date = new Date(time);
  const when = Number.isNaN(date.getTime()) ? time : date.toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
  const who = `${identifier || unit}${pid > 0 ? `[${String(pid)}]` : ""}`;
  const word = GRAVE[priority];
  return `${when} ${who}: ${word === undefined ? "" : `${word}: `}${message}`;
}
