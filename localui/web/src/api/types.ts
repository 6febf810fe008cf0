// Names for the shapes in openapi.json; schema.ts is made from it ("npm run types").
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Wire = Schemas["Error"];
export type Public = Schemas["Public"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];
export type EdgeHost = Schemas["EdgeHost"];
export type Disk = Schemas["Disk"];
export type Partition = Schemas["Partition"];
export type Adapter = Schemas["Adapter"];
export type AdapterPut = Schemas["AdapterPut"];
export type PendingChange = Schemas["PendingChange"];
export type Dns = Schemas["Dns"];
export type DnsPut = Schemas["DnsPut"];
export type Ntp = Schemas["Ntp"];
export type Proxy = Schemas["Configurations"];
export type ProxyStatus = Schemas["ConfigurationsStatus"];
export type ContentItem = Schemas["ContentItem"];
export type ContentList = Schemas["ContentList"];
export type Upload = Schemas["Upload"];
export type DiagnosticResult = Schemas["DiagnosticResult"];
export type LogEntry = Schemas["LogEntry"];
export type LogEntries = Schemas["LogEntries"];
export type LogSources = Schemas["LogSources"];
export type LogsStatus = Schemas["LogsStatus"];
export type Audits = Schemas["Audits"];
export type AuditFilters = Schemas["AuditFilters"];
export type LinkStatus = Schemas["LinkStatus"];
export type LinkPeer = Schemas["LinkPeer"];
export type LinkToken = Schemas["LinkToken"];
export type Readiness = Schemas["Readiness"];
export type LoginReply = Schemas["LoginReply"];

/** The data of the event "metrics". */
export interface Metrics {
  uptimeSeconds: number;
  cpuPercent: number;
  load: number[];
  memoryTotalBytes: number;
  memoryUsedBytes: number;
}
