// The journal: the newest entries, older ones on demand, and new ones as they are written.
import { useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import {
  Alert, AlertActionLink, Button, Flex, FlexItem, Form, FormGroup, FormSelect, FormSelectOption, SearchInput, Spinner, Switch,
} from "@patternfly/react-core";
import { sentence } from "../../api/client";
import { followPath, logSourcesQuery, readLogs, type LogFilter } from "../../api/host";
import type { LogEntry } from "../../api/types";
import { logLine } from "../../parts/logLine";

const PAGE = 200;
/** More than that makes the browser slow and nobody reads it. */
const KEPT = 5000;

const PRIORITIES: [string, string][] = [
  ["", "Everything"],
  ["6", "Information and graver"],
  ["4", "Warnings and graver"],
  ["3", "Errors and graver"],
];

export function Logs() {
  const sources = useQuery(logSourcesQuery);
  const [unit, setUnit] = useState("");
  const [priority, setPriority] = useState("6");
  const [typed, setTyped] = useState("");
  const [contains, setContains] = useState("");
  const [follow, setFollow] = useState(false);

  return (
    <>
      <Form
        isHorizontal={false}
        onSubmit={(event) => {
          event.preventDefault();
          setContains(typed);
        }}
      >
        <Flex alignItems={{ default: "alignItemsFlexEnd" }} rowGap={{ default: "rowGapSm" }}>
          <FlexItem>
            <FormGroup label="Unit" fieldId="log-unit">
              <FormSelect id="log-unit" value={unit} onChange={(_, value) => { setUnit(value); }}>
                <FormSelectOption value="" label="All" />
                {(sources.data?.units ?? []).map((one) => (
                  <FormSelectOption key={one} value={one} label={one} />
                ))}
              </FormSelect>
            </FormGroup>
          </FlexItem>
          <FlexItem>
            <FormGroup label="Priority" fieldId="log-priority">
              <FormSelect id="log-priority" value={priority} onChange={(_, value) => { setPriority(value); }}>
                {PRIORITIES.map(([value, label]) => (
                  <FormSelectOption key={value} value={value} label={label} />
                ))}
              </FormSelect>
            </FormGroup>
          </FlexItem>
          <FlexItem>
            <FormGroup label="Contains" fieldId="log-contains">
              <SearchInput
                searchInputId="log-contains"
                aria-label="Contains"
                value={typed}
                onChange={(_, value) => { setTyped(value); }}
                onSearch={(_, value) => { setContains(value); }}
                onClear={() => {
                  setTyped("");
                  setContains("");
                }}
              />
            </FormGroup>
          </FlexItem>
          <FlexItem>
            <Switch id="log-follow" label="Follow" isChecked={follow} onChange={(_, checked) => { setFollow(checked); }} />
          </FlexItem>
        </Flex>
      </Form>
      <div className="pe-result">
        <Entries key={`${unit} ${priority} ${contains} ${String(follow)}`} filter={{ unit, priority, contains }} follow={follow} />
      </div>
    </>
  );
}

function Entries({ filter, follow }: { filter: LogFilter; follow: boolean }) {
  const [entries, setEntries] = useState<LogEntry[]>([]);
  const [state, setState] = useState<"reading" | "read" | "all" | "following" | "lost">(follow ? "lost" : "reading");
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const box = useRef<HTMLPreElement>(null);
  const { unit, priority, contains } = filter;

  useEffect(() => {
    if (follow) {
      const source = new EventSource(followPath({ unit, priority, contains }, PAGE));
      source.onopen = () => {
        // The host sends the last entries first, also after a break.
        setEntries([]);
        setState("following");
      };
      source.onerror = () => {
        setState("lost");
        if (source.readyState === EventSource.CLOSED) setError(new Error("The host does not send its log. It may be busy with others who follow; try again."));
      };
      source.onmessage = (event: MessageEvent<string>) => {
        const entry = JSON.parse(event.data) as LogEntry;
        setEntries((all) => [...all.slice(1 - KEPT), entry]);
      };
      return () => { source.close(); };
    }
    const control = new AbortController();
    readLogs({ unit, priority, contains }, "", PAGE, control.signal)
      .then(({ items }) => {
        setEntries(items);
        setState(items.length < PAGE ? "all" : "read");
      })
      .catch((fault: unknown) => { if (!control.signal.aborted) setError(fault); });
    return () => { control.abort(); };
  }, [unit, priority, contains, follow, attempt]);

  // The newest entry is in sight, unless the person scrolled up to read.
  const last = entries[entries.length - 1]?.cursor;
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last]);

  const older = () => {
    const first = entries[0];
    if (!first) return;
    setState("reading");
    readLogs(filter, first.cursor, PAGE, new AbortController().signal)
      .then(({ items }) => {
        setEntries((all) => [...items, ...all]);
        setState(items.length < PAGE ? "all" : "read");
      })
      .catch(setError);
  };

  if (error !== null)
    return (
      <Alert
        isInline
        variant="danger"
        title="The log could not be read"
        actionLinks={
          <AlertActionLink
            onClick={() => {
              setError(null);
              setState(follow ? "lost" : "reading");
              setAttempt(attempt + 1);
            }}
          >
            Try again
          </AlertActionLink>
        }
      >
        {sentence(error)}
      </Alert>
    );
  return (
    <>
      <div aria-live="polite" className="pe-log-state">
        {state === "reading" && <><Spinner size="md" aria-label="Reading" /> Reading the log</>}
        {state === "lost" && <><Spinner size="md" aria-label="Connecting" /> Connecting to the log</>}
        {state === "following" && "New entries appear as they are written."}
        {state === "read" && <Button variant="link" isInline onClick={older}>Older entries</Button>}
        {state === "all" && entries.length > 0 && "These are all entries."}
        {state === "all" && entries.length === 0 && "No entry matches. Choose a lower priority or another unit."}
      </div>
      {entries.length > 0 && (
        <pre
          ref={box}
          className="pe-output"
          role="region"
          // Read by arrow keys, so it can have the focus.
          tabIndex={0}
          aria-label="Log entries"
          onScroll={({ currentTarget: at }) => {
            // Only the person scrolls up; by the time this is told of our own way down there may be more below.
            if (at.scrollTop < lastTop.current) atEnd.current = false;
            else if (at.scrollHeight - at.scrollTop - at.clientHeight < 40) atEnd.current = true;
            lastTop.current = at.scrollTop;
          }}
        >
          {entries.map((entry) => (
            <span key={entry.cursor} className={entry.priority <= 3 ? "pe-log-error" : entry.priority === 4 ? "pe-log-warning" : undefined}>
              {logLine(entry)}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </>
  );
}
