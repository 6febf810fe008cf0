// Who did what: filters, pages of the table, and all of it as a file.
import { useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  Button, EmptyState, EmptyStateActions, EmptyStateBody, Flex, FlexItem, Form, FormGroup, FormSelect, FormSelectOption,
  Label, Pagination, SearchInput, Spinner, TextInput,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import { HOST, auditFiltersQuery, auditParameters, auditsQuery, type AuditFilter } from "../api/host";
import type { Audits } from "../api/types";
import { dateTime } from "../parts/format";
import { Loaded } from "../parts/Loaded";
import { PageTitle } from "../parts/PageTitle";

const NONE: AuditFilter = { user: "", action: "", result: "", contains: "", startTime: "", endTime: "" };
const PAGE_SIZES = [20, 50];
const RESULTS = ["ok", "refused", "denied", "failed"];

/** What a datetime-local field holds is local time without a zone; the host takes UTC. */
function toUtc(local: string): string {
  const date = new Date(local);
  return local === "" || Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

export default function AuditLog() {
  const client = useQueryClient();
  const [filter, setFilter] = useState(NONE);
  const [times, setTimes] = useState({ start: "", end: "" });
  const [typed, setTyped] = useState("");
  const [page, setPage] = useState(1);
  const [pageSize, setPageSize] = useState(20);
  const known = useQuery(auditFiltersQuery);
  const audits = useQuery({ ...auditsQuery(filter, page, pageSize), staleTime: 0, placeholderData: keepPreviousData });

  const narrow = (what: Partial<AuditFilter>) => {
    setFilter({ ...filter, ...what });
    setPage(1);
  };
  const clear = () => {
    setFilter(NONE);
    setTimes({ start: "", end: "" });
    setTyped("");
    setPage(1);
  };

  const choice = (id: string, label: string, key: "user" | "action" | "result", options: string[]) => (
    <FlexItem>
      <FormGroup label={label} fieldId={id}>
        <FormSelect id={id} value={filter[key]} onChange={(_, value) => { narrow({ [key]: value }); }}>
          <FormSelectOption value="" label="All" />
          {options.map((one) => (
            <FormSelectOption key={one} value={one} label={one} />
          ))}
        </FormSelect>
      </FormGroup>
    </FlexItem>
  );
  const time = (id: "start" | "end", label: string, key: "startTime" | "endTime") => (
    <FlexItem>
      <FormGroup label={label} fieldId={`audit-${id}`}>
        <TextInput
          id={`audit-${id}`}
          type="datetime-local"
          value={times[id]}
          onChange={(_, value) => {
            setTimes({ ...times, [id]: value });
            narrow({ [key]: toUtc(value) });
          }}
        />
      </FormGroup>
    </FlexItem>
  );

  return (
    <>
      <PageTitle
        title="Audit Log"
        actions={
          <Button component="a" variant="secondary" icon={<DownloadIcon />} download href={`${HOST}/audits/download?${auditParameters(filter).toString()}`}>
            Download
          </Button>
        }
      >
        Who changed or tried what on this host, from where, and how it ended.
      </PageTitle>
      <Form onSubmit={(event) => { event.preventDefault(); }}>
        <Flex alignItems={{ default: "alignItemsFlexEnd" }} rowGap={{ default: "rowGapSm" }}>
          {choice("audit-user", "User", "user", known.data?.users ?? [])}
          {choice("audit-action", "Action", "action", known.data?.actions ?? [])}
          {choice("audit-result", "Result", "result", RESULTS)}
          {time("start", "From", "startTime")}
          {time("end", "To", "endTime")}
          <FlexItem>
            <FormGroup label="Contains" fieldId="audit-contains">
              <SearchInput
                searchInputId="audit-contains"
                aria-label="Contains"
                value={typed}
                onChange={(_, value) => { setTyped(value); }}
                onSearch={(_, value) => { narrow({ contains: value }); }}
                onClear={() => {
                  setTyped("");
                  narrow({ contains: "" });
                }}
              />
            </FormGroup>
          </FlexItem>
          <FlexItem>
            <Button variant="link" onClick={clear}>Clear filters</Button>
          </FlexItem>
          <FlexItem>
            <Button variant="link" onClick={() => void client.invalidateQueries({ queryKey: ["audits"] })}>
              Refresh {audits.isFetching && <Spinner size="sm" aria-label="Reading" />}
            </Button>
          </FlexItem>
        </Flex>
      </Form>
      <Loaded query={audits} what="The audit log" lines={6}>
        {(data) => (
          <>
            <Pagination
              itemCount={data.total}
              page={page}
              perPage={pageSize}
              perPageOptions={PAGE_SIZES.map((value) => ({ title: String(value), value }))}
              onSetPage={(_, next) => { setPage(next); }}
              onPerPageSelect={(_, size) => {
                setPageSize(size);
                setPage(1);
              }}
              titles={{ paginationAriaLabel: "Pages of the audit log" }}
            />
            <Entries audits={data} onClear={clear} />
          </>
        )}
      </Loaded>
    </>
  );
}

const STATUS = { ok: "success", refused: "warning", denied: "danger", failed: "danger" } as const;

function Entries({ audits, onClear }: { audits: Audits; onClear: () => void }) {
  if (audits.items.length === 0)
    return (
      <EmptyState titleText="No entry matches" headingLevel="h2" variant="sm">
        <EmptyStateBody>Choose another time or fewer filters.</EmptyStateBody>
        <EmptyStateActions>
          <Button variant="link" onClick={onClear}>Clear filters</Button>
        </EmptyStateActions>
      </EmptyState>
    );
  return (
    <Table aria-label="Audit log" variant="compact" gridBreakPoint="grid-xl">
      <Thead>
        <Tr>
          <Th modifier="wrap">Time</Th>
          <Th modifier="wrap">User</Th>
          <Th modifier="wrap">From</Th>
          <Th modifier="wrap">Action</Th>
          <Th modifier="wrap">Object</Th>
          <Th modifier="wrap">Result</Th>
          <Th width={30}>Reason</Th>
        </Tr>
      </Thead>
      <Tbody>
        {audits.items.map((entry, i) => (
          <Tr key={`${entry.time} ${String(i)}`}>
            <Td dataLabel="Time" modifier="nowrap">{dateTime(entry.time)}</Td>
            <Td dataLabel="User" className="pe-break">{entry.user || "–"}</Td>
            <Td dataLabel="From" className="pe-break">{entry.from || "–"}</Td>
            <Td dataLabel="Action" modifier="nowrap">{entry.action}</Td>
            <Td dataLabel="Object" className="pe-break">{entry.object || "–"}</Td>
            <Td dataLabel="Result" modifier="nowrap">
              <Label isCompact {...(entry.result in STATUS && { status: STATUS[entry.result as keyof typeof STATUS] })}>
                {entry.result}
              </Label>
            </Td>
            <Td dataLabel="Reason" className="pe-break">{entry.reason || "–"}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
