// A dialog with fields: Confirm sends them, a refusal appears beside the field that the host names.
import { createContext, useContext, useEffect, useId, useRef, type ReactNode } from "react";
import type { UseMutationResult } from "@tanstack/react-query";
import {
  Alert, Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, Modal, ModalBody, ModalFooter, ModalHeader,
  TextArea, TextInput,
} from "@patternfly/react-core";
import { ApiError, sentence } from "../api/client";

/** The refusal of the last attempt, for the fields below. */
const Refusal = createContext<ApiError | null>(null);

export function FormModal({ title, description, mutation, onClose, confirm = "Confirm", failure = "Not changed", variant = "medium", fields, isReady = true, children }: {
  title: string;
  description?: ReactNode;
  mutation: UseMutationResult<unknown, Error, void>;
  onClose: () => void;
  confirm?: string;
  /** Title of a refusal that belongs to no field. */
  failure?: string;
  variant?: "small" | "medium" | "large";
  /** What the host calls the fields that are here: a refusal of another one is shown on top. */
  fields: string[];
  isReady?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const { error } = mutation;
  const refusal = error instanceof ApiError && fields.includes(error.field) ? error : null;

  useEffect(() => {
    if (refusal) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusal]);

  return (
    <Modal isOpen variant={variant} onClose={onClose} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} labelId={`${id}-title`} description={description} />
      <ModalBody>
        <Form
          id={`${id}-form`}
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady && !mutation.isPending) mutation.mutate();
          }}
        >
          <div aria-live="assertive">
            {error && !refusal && (
              <Alert isInline variant="danger" title={failure}>
                {sentence(error)}
              </Alert>
            )}
          </div>
          <Refusal.Provider value={refusal}>{children}</Refusal.Provider>
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={`${id}-form`} isLoading={mutation.isPending} isDisabled={!isReady || mutation.isPending}>
          {confirm}
        </Button>
        <Button variant="link" onClick={onClose}>Cancel</Button>
      </ModalFooter>
    </Modal>
  );
}

export function Field({ label, name = label, value, onChange, help, rows, type = "text", isRequired, isDisabled, placeholder, autoFocus, autoComplete = "off" }: {
  label: string;
  /** As the host calls it in a refusal; the label where that is the same. */
  name?: string;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  /** More than one line. */
  rows?: number;
  type?: "text" | "password";
  isRequired?: boolean;
  isDisabled?: boolean;
  placeholder?: string;
  autoFocus?: boolean;
  autoComplete?: string;
}) {
  const id = useId();
  const refusal = useContext(Refusal);
  const wrong = refusal?.field === name;
  const common = {
    id,
    value,
    isRequired: isRequired ?? false,
    isDisabled: isDisabled ?? false,
    placeholder: placeholder ?? "",
    autoFocus,
    autoComplete,
    autoCapitalize: "none",
    spellCheck: false,
    validated: wrong ? ("error" as const) : ("default" as const),
    "aria-describedby": `${id}-help`,
    onChange: (_: unknown, text: string) => { onChange(text); },
  };

  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired ?? false}>
      {rows === undefined ? <TextInput type={type} {...common} /> : <TextArea rows={rows} resizeOrientation="vertical" {...common} />}
      <FormHelperText>
        <HelperText id={`${id}-help`} aria-live="polite">
          {wrong && <HelperTextItem variant="error">{refusal.rule}</HelperTextItem>}
          {help !== undefined && !wrong && <HelperTextItem>{help}</HelperTextItem>}
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
