import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, FileUpload, FormGroup, Label, List, ListItem } from "@patternfly/react-core";
import { proxyQuery, proxyStatusQuery, setProxy } from "../../api/host";
import type { Proxy, ProxyStatus } from "../../api/types";
import { useNotices } from "../../app/Notices";
import { Facts } from "../../parts/Facts";
import { Field, FormModal } from "../../parts/FormModal";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { Pencil } from "../../parts/Pencil";
import { certificates, fileBase64 } from "../../parts/certificates";

const LABEL = {
  "Not Configured": undefined,
  "In Progress": "info",
  Configured: "success",
  Failed: "danger",
} as const;

function State({ status }: { status: ProxyStatus }) {
  const shown = LABEL[status.state];
  return <Label {...(shown && { status: shown })}>{status.state}</Label>;
}

export function ProxyCard() {
  const [editing, setEditing] = useState(false);
  const values = useQuery(proxyQuery);
  const status = useQuery({
    ...proxyStatusQuery,
    // An event tells of each change; this is for the one that is lost while services restart.
    refetchInterval: (query) => (query.state.data?.state === "In Progress" ? 2000 : false),
  });

  return (
    <Panel
      title="HTTP Proxy"
      actions={<Pencil what="HTTP Proxy" onClick={() => { setEditing(true); }} isDisabled={!values.isSuccess || status.data?.state === "In Progress"} />}
    >
      <div aria-live="polite">
        {status.data?.state === "Failed" && (
          <Alert isInline variant="danger" title="The proxy could not be applied">
            {status.data.errorMessage}. Correct the values with the pencil and confirm again.
          </Alert>
        )}
      </div>
      <Loaded query={status} what="The state of the HTTP proxy" lines={1}>
        {(state) => (
          <Loaded query={values} what="The HTTP proxy">
            {(proxy) => (
              <Facts
                pairs={[
                  ["State", <State key="state" status={state} />],
                  ["HTTP Endpoint", proxy.httpProxy || "–"],
                  ["HTTPS Endpoint", proxy.httpsProxy || "–"],
                  ["No Proxy", proxy.noProxy || "–"],
                  ["CA Certificates", proxy.caCerts.length === 0 ? "–" : String(proxy.caCerts.length)],
                ]}
              />
            )}
          </Loaded>
        )}
      </Loaded>
      {editing && values.data && <ProxyForm old={values.data} onClose={() => { setEditing(false); }} />}
    </Panel>
  );
}

function ProxyForm({ old, onClose }: { old: Proxy; onClose: () => void }) {
  const client = useQueryClient();
  const { done } = useNotices();
  const [http, setHttp] = useState(old.httpProxy);
  const [https, setHttps] = useState(old.httpsProxy);
  const [none, setNone] = useState(old.noProxy);
  const [cas, setCas] = useState(old.caCerts.join("\n"));
  const [fileName, setFileName] = useState("");
  const [reading, setReading] = useState(false);

  const change = useMutation({
    mutationFn: () => setProxy({ httpProxy: http.trim(), httpsProxy: https.trim(), noProxy: none.trim(), caCerts: certificates(cas) }),
    onSuccess: () => {
      done("The HTTP proxy is stored", "It is being put in force; the card shows when it is.");
      void client.invalidateQueries({ queryKey: ["proxy"] });
      onClose();
    },
  });

  return (
    <FormModal
      title="HTTP Proxy"
      description="All fields empty: no proxy."
      mutation={change}
      onClose={onClose}
      isReady={!reading}
      fields={["HTTP Endpoint", "HTTPS Endpoint", "No Proxy", "CA Certificates"]}
    >
      <Alert isInline variant="info" title="Services of the host that use HTTP or HTTPS restart">
        This page may be away for a short time. It comes back by itself.
      </Alert>
      <Field label="HTTP Endpoint" autoFocus value={http} onChange={setHttp} placeholder="http://proxy.example.com:3128" help="The proxy for HTTP, with its port." />
      <Field label="HTTPS Endpoint" value={https} onChange={setHttps} placeholder="http://proxy.example.com:3128" help="The proxy for HTTPS; often the same." />
      <Field
        label="No Proxy"
        value={none}
        onChange={setNone}
        rows={2}
        placeholder="localhost, .example.com, 10.0.0.0/8"
        help="Hosts, domains, addresses and CIDRs that are reached directly, with commas between."
      />
      <Field
        label="CA Certificates"
        value={cas}
        onChange={setCas}
        rows={4}
        help="Certificates the proxy is checked with, base64-encoded, one a line. PEM text is encoded for you."
      />
      <FormGroup label="Add a certificate from a file" fieldId="ca-file">
        <FileUpload
          id="ca-file"
          hideDefaultPreview
          filename={fileName}
          filenamePlaceholder="A .pem, .crt or .cer file"
          filenameAriaLabel="Chosen certificate file"
          browseButtonText="Choose"
          browseButtonAriaDescribedby="ca-file-filename"
          isLoading={reading}
          onFileInputChange={(_, file) => {
            setFileName(file.name);
            setReading(true);
            void fileBase64(file)
              .then((text) => { setCas((old) => [old.trim(), text].filter((part) => part !== "").join("\n")); })
              .finally(() => { setReading(false); });
          }}
          onClearClick={() => { setFileName(""); }}
        />
      </FormGroup>
      {certificates(cas).length > 0 && (
        <List isPlain>
          <ListItem>{certificates(cas).length} in the field</ListItem>
        </List>
      )}
    </FormModal>
  );
}
