// What the pages ask the host: one entry for each thing that is read, one function for each that is changed.
import { queryOptions } from "@tanstack/react-query";
import { ApiError, call } from "./client";
import type {
  Adapter, AdapterPut, AuditFilters, Audits, ContentList, DiagnosticResult, Dns, DnsPut, EdgeHost, LogEntries,
  LinkStatus, LinkToken, LogSources, LogsStatus, Metrics, Ntp,
  PendingChange, Proxy, ProxyStatus, Readiness, Session, User,
} from "./types";

export const HOST = "/v1/edge-mgmt/edgehosts/current";

function read<T>(key: string[], path: string) {
  return queryOptions({ queryKey: key, queryFn: ({ signal }) => call<T>(path, { signal }) });
}

export const hostQuery = read<EdgeHost>(["host"], HOST);
export const adaptersQuery = read<{ items: Adapter[] }>(["adapters"], `${HOST}/adapters`);
export const changeQuery = read<PendingChange>(["change"], `${HOST}/network-change`);
export const dnsQuery = read<Dns>(["dns"], `${HOST}/dns`);
export const ntpQuery = read<Ntp>(["ntp"], `${HOST}/ntp`);
export const proxyQuery = read<Proxy>(["proxy", "values"], `${HOST}/configurations`);
export const proxyStatusQuery = read<ProxyStatus>(["proxy", "status"], `${HOST}/configurations/status`);
export const contentQuery = read<ContentList>(["content"], `${HOST}/content`);
export const userQuery = read<User>(["user"], "/v1/users/current");
export const sessionQuery = read<Session>(["session"], "/v1/users/default/sessions/current");
export const sessionsQuery = read<{ items: Session[] }>(["sessions"], "/v1/users/default/sessions");
export const logSourcesQuery = read<LogSources>(["log-sources"], `${HOST}/logs/sources`);
export const auditFiltersQuery = read<AuditFilters>(["audits", "filters"], `${HOST}/audits/filters`);
export const readinessQuery = read<Readiness>(["readiness"], "/v1/edge-mgmt/cluster/readiness");
export const archiveQuery = read<LogsStatus>(["archive"], `${HOST}/generate-logs-status`);

const NO_LINKS: LinkStatus = {
  role: "none", status: "Pending", errorMessage: "", warning: "", generatingTokens: false, syncPort: 0, peers: [],
};

/** A host that was never linked has no status, as the API is documented. */
export const linkQuery = queryOptions({
  queryKey: ["link", "status"],
  queryFn: ({ signal }) =>
    call<LinkStatus>(`${HOST}/link/status`, { signal }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return NO_LINKS;
      throw error;
    }),
});
export const linkTokenQuery = read<LinkToken>(["link", "token"], `${HOST}/link/token`);

/** The last "metrics" event; empty until the first one. */
export const metricsQuery = queryOptions<Metrics | null>({
  queryKey: ["metrics"], queryFn: () => null, enabled: false, initialData: null,
});

export interface AuditFilter {
  user: string;
  action: string;
  result: string;
  contains: string;
  startTime: string;
  endTime: string;
}

export function auditParameters(filter: AuditFilter): URLSearchParams {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
}

export function auditsQuery(filter: AuditFilter, page: number, pageSize: number) {
  const parameters = auditParameters(filter);
  parameters.set("page", String(page));
  parameters.set("pageSize", String(pageSize));
  return read<Audits>(["audits", parameters.toString()], `${HOST}/audits?${parameters.toString()}`);
}

export interface LogFilter {
  unit: string;
  /** This and what is graver, as syslog numbers them. */
  priority: string;
  contains: string;
}

function logParameters(filter: LogFilter): URLSearchParams {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
}

/** The newest entries, or those right before a cursor. */
export function readLogs(filter: LogFilter, before: string, limit: number, signal: AbortSignal): Promise<LogEntries> {
  const parameters = logParameters(filter);
  parameters.set("limit", String(limit));
  if (before !== "") parameters.set("before", before);
  return call(`${HOST}/logs?${parameters.toString()}`, { signal });
}

export function followPath(filter: LogFilter, limit: number): string {
  const parameters = logParameters(filter);
  parameters.set("limit", String(limit));
  return `${HOST}/logs/follow?${parameters.toString()}`;
}

export const setHostName = (name: string) => call<undefined>(HOST, { method: "PATCH", body: { name } });
export const setProxy = (body: Proxy) => call<undefined>(`${HOST}/configurations`, { method: "PUT", body });
export const setDns = (body: DnsPut) => call<undefined>(`${HOST}/dns`, { method: "PUT", body });
export const setNtp = (servers: string[]) => call<undefined>(`${HOST}/ntp`, { method: "PUT", body: { servers } });

/** A static address is probed first: up to four seconds. */
export function setAdapter(name: string, body: AdapterPut, timeoutMs: number): Promise<{ changeId: string }> {
  return call(`${HOST}/adapters/${encodeURIComponent(name)}`, { method: "PUT", body, timeoutMs });
}

export const endChange = (id: string, how: "confirm" | "revert") =>
  call<undefined>(`${HOST}/network-change/${encodeURIComponent(id)}/${how}`, { method: "POST", timeoutMs: 10_000 });

export type PowerAction = "reboot" | "shutdown" | "reset";
/** A reset that fails is taken back before the answer comes, which may take minutes. */
export const power = (action: PowerAction) =>
  call<undefined>(`${HOST}/actions/${action}`, { method: "POST", timeoutMs: action === "reset" ? 370_000 : 30_000 });

export const deleteContent = (name: string) =>
  call<undefined>(`${HOST}/content/${encodeURIComponent(name)}`, { method: "DELETE" });

export type Tool = "ping" | "traceroute" | "lookup" | "connect";
/** The tools take their time: a traceroute that meets silence above all. */
export function diagnose(tool: Tool, endpoint: string, signal: AbortSignal): Promise<DiagnosticResult> {
  const query = new URLSearchParams({ endpoint }).toString();
  return call(`/v1/edge-mgmt/edgehosts/connectivity/${tool}?${query}`, { signal, timeoutMs: 180_000 });
}

export const generateLogs = () => call<undefined>(`${HOST}/generate-logs`, { method: "POST" });

export const setSshKeys = (sshKeys: string[]) =>
  call<undefined>("/v1/users/current", { method: "PATCH", body: { sshKeys } });
export const setPassword = (oldPassword: string, newPassword: string) =>
  call<undefined>("/v1/users/default/password/reset", { method: "POST", body: { oldPassword, newPassword } });
export const endSession = (id: string) =>
  call<undefined>(`/v1/users/default/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
export const logOut = () => call<undefined>("/v1/users/default/logout", { method: "POST", timeoutMs: 5_000 });
export const renew = () => call<{ session: Session }>("/v1/users/default/token/renewal", { method: "POST" });

/** @address in the token: one of this host's; "": the one by which the page was reached. */
export const generateLinkToken = (address: string) =>
  call<LinkToken>(`${HOST}/link/generate-token${address === "" ? "" : `?${new URLSearchParams({ address }).toString()}`}`, { method: "POST" });
export const stopLinkToken = () => call<undefined>(`${HOST}/link/stop-token`, { method: "POST" });
export const linkToLeader = (token: string) => call<LinkStatus>(`${HOST}/link`, { method: "POST", body: { token } });
/** @peerId "": this host from its leader. */
export const unlink = (peerId: string) =>
  call<undefined>(`${HOST}/unlink${peerId === "" ? "" : `?${new URLSearchParams({ peerId }).toString()}`}`, { method: "POST" });
