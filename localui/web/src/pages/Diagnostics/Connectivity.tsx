import { useEffect, useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import {
  ActionGroup, Alert, Button, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem,
  Spinner, TextInput,
} from "@patternfly/react-core";
import { sentence } from "../../api/client";
import { diagnose, type Tool } from "../../api/host";

const TOOLS: Record<Tool, { label: string; help: string; example: string }> = {
  ping: { label: "Ping", help: "Does a host answer, and how fast? A host name or an address.", example: "192.0.2.1" },
  traceroute: { label: "Traceroute", help: "Which routers are on the way? A host name or an address. Takes up to a minute.", example: "192.0.2.1" },
  lookup: { label: "DNS look-up", help: "The addresses of a name, or the name of an address.", example: "registry.example.com" },
  connect: { label: "TCP port", help: "Does a port answer? A host name or an address, a colon and the port.", example: "registry.example.com:443" },
};

export function Connectivity() {
  const [tool, setTool] = useState<Tool>("ping");
  const [endpoint, setEndpoint] = useState("");
  const stop = useRef<AbortController | null>(null);
  const [stopped, setStopped] = useState(false);
  const result = useMutation({
    mutationFn: () => {
      setStopped(false);
      stop.current = new AbortController();
      return diagnose(tool, endpoint.trim(), stop.current.signal);
    },
  });
  useEffect(() => () => stop.current?.abort(), []);
  const about = TOOLS[tool];

  return (
    <>
      <Form
        isWidthLimited
        onSubmit={(event) => {
          event.preventDefault();
          if (endpoint.trim() !== "" && !result.isPending) result.mutate();
        }}
      >
        <FormGroup label="Tool" fieldId="tool">
          <FormSelect
            id="tool"
            value={tool}
            onChange={(_, value) => {
              setTool(value as Tool);
              result.reset();
            }}
          >
            {Object.entries(TOOLS).map(([key, { label }]) => (
              <FormSelectOption key={key} value={key} label={label} />
            ))}
          </FormSelect>
        </FormGroup>
        <FormGroup label="Endpoint" fieldId="endpoint" isRequired>
          <TextInput
            id="endpoint"
            isRequired
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            placeholder={about.example}
            value={endpoint}
            aria-describedby="endpoint-help"
            onChange={(_, value) => { setEndpoint(value); }}
          />
          <FormHelperText>
            <HelperText id="endpoint-help">
              <HelperTextItem>{about.help}</HelperTextItem>
            </HelperText>
          </FormHelperText>
        </FormGroup>
        <ActionGroup>
          <Button type="submit" isLoading={result.isPending} isDisabled={endpoint.trim() === "" || result.isPending}>
            Run
          </Button>
          {result.isPending && <Button variant="secondary" onClick={() => {
              setStopped(true);
              stop.current?.abort();
            }}>Stop</Button>}
        </ActionGroup>
      </Form>
      <div aria-live="polite" className="pe-result">
        {result.isPending && <><Spinner size="md" aria-label="Running" /> {about.label} runs on the host</>}
        {result.isError && stopped && <Alert isInline variant="info" title="Stopped" />}
        {result.isError && !stopped && (
          <Alert isInline variant="danger" title={`${about.label} could not be run`}>
            {sentence(result.error)}
          </Alert>
        )}
        {result.isSuccess && (
          <>
            <Alert
              isInline
              variant={result.data.success ? "success" : "warning"}
              title={`${about.label}: ${result.data.endpoint} ${result.data.success ? "answered" : "did not answer as it should"}`}
            />
            <pre className="pe-output" role="region" aria-label="Output" tabIndex={0}>{result.data.output}</pre>
          </>
        )}
      </div>
    </>
  );
}
