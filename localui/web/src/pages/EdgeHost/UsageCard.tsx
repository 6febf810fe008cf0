import { useQuery } from "@tanstack/react-query";
import { Progress, Stack, StackItem } from "@patternfly/react-core";
import { metricsQuery } from "../../api/host";
import type { EdgeHost } from "../../api/types";
import { bytes, percent } from "../../parts/format";
import { Panel } from "../../parts/Panel";

/** A bar turns to a warning here; what follows for the host is said by its label. */
const FULL_PERCENT = 90;

export function Bar({ title, value, label }: { title: string; value: number; label: string }) {
  return (
    <Progress
      title={title}
      aria-label={title}
      value={value}
      label={label}
      valueText={label}
      {...(value >= FULL_PERCENT && { variant: "warning" as const })}
    />
  );
}

export function UsageCard({ host }: { host: EdgeHost }) {
  const live = useQuery(metricsQuery).data;
  const { cpu, memory, disks } = host.hardware;
  const cpuPercent = Math.round(live?.cpuPercent ?? cpu.usagePercent);
  const used = live?.memoryUsedBytes ?? memory.usedBytes;
  const total = live?.memoryTotalBytes ?? memory.totalBytes;
  const load = live?.load ?? cpu.load;
  const data = disks.flatMap((disk) => disk.partitions).find((part) => part.label === "palette-data" && part.totalBytes > 0);
  const swap = memory.swapTotalBytes - memory.swapFreeBytes;

  return (
    <Panel title="Use">
      <Stack hasGutter>
        <StackItem>
          <Bar title="Processor" value={cpuPercent} label={`${String(cpuPercent)} %`} />
          <small>
            Load {load.map((one) => one.toFixed(2)).join(", ")} (1, 5, 15 minutes) on {cpu.threads} threads
          </small>
        </StackItem>
        <StackItem>
          <Bar title="Memory" value={percent(used, total)} label={`${bytes(used)} of ${bytes(total)}`} />
        </StackItem>
        {memory.swapTotalBytes > 0 && (
          <StackItem>
            <Bar title="Swap" value={percent(swap, memory.swapTotalBytes)} label={`${bytes(swap)} of ${bytes(memory.swapTotalBytes)}`} />
          </StackItem>
        )}
        {data && (
          <StackItem>
            <Bar
              title="Data partition"
              value={percent(data.usedBytes, data.usedBytes + data.freeBytes)}
              label={`${bytes(data.usedBytes)} of ${bytes(data.totalBytes)}, ${bytes(data.freeBytes)} free`}
            />
          </StackItem>
        )}
      </Stack>
    </Panel>
  );
}
