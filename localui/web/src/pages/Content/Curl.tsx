import { useState } from "react";
import { ClipboardCopyButton, CodeBlock, CodeBlockAction, CodeBlockCode, Content, ExpandableSection } from "@patternfly/react-core";
import { HOST } from "../../api/host";
import { useSession } from "../../app/session";

/** The same upload from a script. -k because the certificate is the host's own; --cacert with it is better. */
function script(user: string): string {
  return `HOST=${location.origin} FILE=bundle.tar.zst
TOKEN=$(curl -sk $HOST/v1/users/default/login -H 'Content-Type: application/json' \\
  -d '{"username": "${user}", "password": "...", "setCookie": false}' | jq -r .Token.Authorization)
SHA=$(sha256sum "$FILE" | cut -d' ' -f1)
ID=$(curl -sk $HOST${HOST}/content/uploads -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d "{\\"name\\": \\"$(basename "$FILE")\\", \\"sizeBytes\\": $(stat -c %s "$FILE"), \\"sha256\\": \\"$SHA\\"}" | jq -r .uploadId)
curl -k -T "$FILE" -H "Authorization: Bearer $TOKEN" $HOST${HOST}/content/uploads/$ID | cat
curl -k -X POST -H "Authorization: Bearer $TOKEN" $HOST${HOST}/content/uploads/$ID/finish`;
}

export function Curl() {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  const { session } = useSession();
  const text = script(session.userName);
  return (
    <ExpandableSection
      toggleText="Upload from a script with curl"
      isExpanded={open}
      onToggle={(_, expanded) => { setOpen(expanded); }}
    >
      <Content component="p">
        After a broken connection, <code>curl -C OFFSET -T FILE</code> sends the rest; a GET of the upload says the
        offset. All calls are described in <a href="/v1/openapi.json" target="_blank" rel="noreferrer">openapi.json</a>.
      </Content>
      <CodeBlock
        actions={
          <CodeBlockAction>
            <ClipboardCopyButton
              id="copy-curl"
              textId="curl"
              aria-label="Copy the commands"
              variant="plain"
              onTooltipHidden={() => { setCopied(false); }}
              onClick={() => {
                void navigator.clipboard.writeText(text);
                setCopied(true);
              }}
            >
              {copied ? "Copied" : "Copy the commands"}
            </ClipboardCopyButton>
          </CodeBlockAction>
        }
      >
        <CodeBlockCode id="curl">{text}</CodeBlockCode>
      </CodeBlock>
    </ExpandableSection>
  );
}
