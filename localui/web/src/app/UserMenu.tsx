// Who is logged in: the account, how the page looks, and the way out.
import { useState } from "react";
import { useLocation } from "wouter";
import { Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import CheckIcon from "@patternfly/react-icons/dist/esm/icons/check-icon";
import UserIcon from "@patternfly/react-icons/dist/esm/icons/user-icon";
import { logOut } from "../api/host";
import { useNotices } from "./Notices";
import { useSession } from "./session";
import { chooseTheme, storedTheme, type Theme } from "./theme";

const THEMES: [Theme, string][] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function UserMenu() {
  const { session, leave } = useSession();
  const { failed } = useNotices();
  const [, go] = useLocation();
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useState(storedTheme);

  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          isExpanded={open}
          icon={<UserIcon />}
          aria-label={`User menu of ${session.userName}`}
          onClick={() => { setOpen(!open); }}
        >
          <span className="pe-user">{session.userName}</span>
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem
          onClick={() => {
            setOpen(false);
            go("/account");
          }}
        >
          Password, SSH keys, sessions
        </DropdownItem>
      </DropdownList>
      <Divider />
      <DropdownGroup label="Appearance">
        <DropdownList>
          {THEMES.map(([key, text]) => (
            <DropdownItem
              key={key}
              isSelected={theme === key}
              icon={theme === key ? <CheckIcon aria-label="chosen" /> : undefined}
              onClick={() => {
                chooseTheme(key);
                setTheme(key);
                setOpen(false);
              }}
            >
              {text}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
      <Divider />
      <DropdownList>
        <DropdownItem
          onClick={() => {
            setOpen(false);
            logOut()
              .then(() => { leave("You are logged out."); })
              .catch((error: unknown) => { failed("Not signed out: the session is still open", error); });
          }}
        >
          Sign out
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
