// Reboot, Shutdown, Reset to factory default: each asks again and names the host.
import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import {
  Alert, Button, Content, Dropdown, DropdownItem, DropdownList, Form, FormGroup, MenuToggle, Modal, ModalBody,
  ModalFooter, ModalHeader, TextInput,
} from "@patternfly/react-core";
import { sentence } from "../api/client";
import { power, type PowerAction } from "../api/host";
import { useLive } from "./Live";

interface Words {
  menu: string;
  title: (host: string) => string;
  text: string;
  confirm: string;
}

const WORDS: Record<PowerAction, Words> = {
  reboot: {
    menu: "Reboot",
    title: (host) => `Reboot ${host}?`,
    text: "Everything that runs on the host is stopped. The host is away for a minute or two and all sessions end. This page comes back by itself.",
    confirm: "Reboot",
  },
  shutdown: {
    menu: "Shutdown",
    title: (host) => `Shut ${host} down?`,
    text: "The host switches off. It can only be switched on again at the machine, its BMC or its hypervisor.",
    confirm: "Shut down",
  },
  reset: {
    menu: "Reset to factory default",
    title: (host) => `Reset ${host} to factory default?`,
    text: "The host restarts and deletes its content, logs, links and everything else that was made since the first set-up. It keeps: accounts, host name, network, time servers, HTTP proxy and its CA certificates, SSH keys and the certificate of this page. This cannot be undone.",
    confirm: "Reset to factory default",
  },
};

export function ActionsMenu({ hostName }: { hostName: string }) {
  const [open, setOpen] = useState(false);
  const [action, setAction] = useState<PowerAction | "">("");

  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        popperProps={{ position: "right" }}
        toggle={(ref) => (
          <MenuToggle ref={ref} isExpanded={open} isDisabled={hostName === ""} onClick={() => { setOpen(!open); }}>
            Actions
          </MenuToggle>
        )}
      >
        <DropdownList>
          {(["reboot", "shutdown", "reset"] as const).map((key) => (
            <DropdownItem
              key={key}
              isDanger={key === "reset"}
              onClick={() => {
                setOpen(false);
                setAction(key);
              }}
            >
              {WORDS[key].menu}
            </DropdownItem>
          ))}
        </DropdownList>
      </Dropdown>
      {action !== "" && <Confirm action={action} host={hostName} onClose={() => { setAction(""); }} />}
    </>
  );
}

function Confirm({ action, host, onClose }: { action: PowerAction; host: string; onClose: () => void }) {
  const { expect } = useLive();
  const [typed, setTyped] = useState("");
  const words = WORDS[action];
  const begin = useMutation({
    mutationFn: () => power(action),
    onSuccess: () => {
      onClose();
      expect(action);
    },
  });
  const ready = action !== "reset" || typed === host;

  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="power-title" aria-describedby="power-text">
      <ModalHeader title={words.title(host)} titleIconVariant="warning" labelId="power-title" />
      <ModalBody id="power-text">
        {begin.isError && (
          <Alert isInline variant="danger" title="The host did not do it">
            {sentence(begin.error)}
          </Alert>
        )}
        <Content component="p">{words.text}</Content>
        {action === "reset" && (
          <Form
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) begin.mutate();
            }}
          >
            <FormGroup label={<>Type the host name <strong className="pe-break">{host}</strong> to confirm</>} fieldId="typed">
              <TextInput
                id="typed"
                autoFocus
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                value={typed}
                onChange={(_, value) => { setTyped(value); }}
              />
            </FormGroup>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        <Button
          variant={action === "reset" ? "danger" : "primary"}
          isDisabled={!ready}
          isLoading={begin.isPending}
          onClick={() => { begin.mutate(); }}
        >
          {words.confirm}
        </Button>
        <Button variant="link" onClick={onClose}>Cancel</Button>
      </ModalFooter>
    </Modal>
  );
}
