// One way to ask the host: JSON in, JSON out, and errors that a page can show as they are.

import type { Wire } from "./types";

/** What the host refused or could not do; `message` is a sentence for a person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string = "",
    readonly ref: string = "",
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** The message without the name of its field in front, for a place beside the field. */
  get rule(): string {
    const lead = `${this.field}: `;
    return capital(this.field !== "" && this.message.startsWith(lead) ? this.message.slice(lead.length) : this.message);
  }
}

/** The host did not answer at all: gone, restarting, or the network is. */
export class Unreachable extends Error {
  constructor() {
    super("The host does not answer. Check that it is on and that the network reaches it, then try again.");
    this.name = "Unreachable";
  }
}

type Listener = () => void;
let onSignedOut: Listener = () => undefined;
/** Called when the host no longer knows this session. */
export function setSignedOutListener(listener: Listener): void {
  onSignedOut = listener;
}

/** The error in a body; anything else stands between us and the host, or was cut off. */
export function errorFrom(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as Partial<Wire>;
    if (body.message)
      return new ApiError(status, body.code ?? "", body.message, body.details?.field, body.ref);
  } catch {
    // Said below.
  }
  return new ApiError(status, "", `The host answered with status ${String(status)} and no reason. Try again.`);
}

async function errorOf(response: Response): Promise<ApiError> {
  return errorFrom(response.status, await response.text());
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Milliseconds without an answer until the host counts as gone. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** The log-in page's own calls: a 401 is an answer there. */
  anonymous?: boolean;
}

/** The raw answer, an error thrown unless it is a success. */
export async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  // Without it the host takes no change that is authorised by the cookie.
  if (asked.method && asked.method !== "GET") headers["X-Palette-Request"] = "1";
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  const limit = AbortSignal.timeout(asked.timeoutMs ?? 30_000);
  let response: Response;
  try {
    response = await fetch(path, {
      method: asked.method ?? "GET",
      headers,
      body: asked.body === undefined ? null : JSON.stringify(asked.body),
      signal: asked.signal ? AbortSignal.any([asked.signal, limit]) : limit,
      credentials: "same-origin",
      redirect: "error",
    });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw new Unreachable();
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (response.status === 401 && !asked.anonymous) onSignedOut();
  throw error;
}

/** The answer's JSON; undefined where it has none (204). */
export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  const response = await ask(path, asked);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** A sentence for any error, for an alert. */
export function sentence(error: unknown): string {
  return capital(error instanceof Error ? error.message : String(error));
}

/** The host's messages begin in small letters, as in its log. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
