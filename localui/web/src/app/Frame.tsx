// The frame around every page: masthead, menu, and the page itself, fetched when it is first opened.
import { Suspense, lazy, useEffect, useRef, useState, type ComponentType } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useQuery } from "@tanstack/react-query";
import {
  Bullseye, Content, Masthead, MastheadBrand, MastheadContent, MastheadMain, MastheadToggle, Nav, NavItem, NavList,
  Page, PageSection, PageSidebar, PageSidebarBody, PageToggleButton, Spinner, Toolbar, ToolbarContent, ToolbarGroup,
  ToolbarItem,
} from "@patternfly/react-core";
import BarsIcon from "@patternfly/react-icons/dist/esm/icons/bars-icon";
import { hostQuery } from "../api/host";
import { ActionsMenu } from "./ActionsMenu";
import { ErrorBoundary } from "./ErrorBoundary";
import { HostGone } from "./HostGone";
import { KEEP_PATH, NetworkChange } from "./NetworkChange";
import { SessionEnd } from "./SessionEnd";
import { UserMenu } from "./UserMenu";

const PAGES: [path: string, label: string, page: ComponentType][] = [
  ["/edge-host", "Edge Host", lazy(() => import("../pages/EdgeHost"))],
  ["/linked-edge-hosts", "Linked Edge Hosts", lazy(() => import("../pages/LinkedEdgeHosts"))],
  ["/content", "Content", lazy(() => import("../pages/Content"))],
  ["/cluster", "Cluster", lazy(() => import("../pages/Cluster"))],
  ["/diagnostics", "Diagnostics", lazy(() => import("../pages/Diagnostics"))],
  ["/audit-log", "Audit Log", lazy(() => import("../pages/AuditLog"))],
];
const Account = lazy(() => import("../pages/Account"));

export function Frame() {
  const [path] = useLocation();
  const host = useQuery(hostQuery);
  const name = host.data?.metadata.name ?? "";
  const label = PAGES.find(([at]) => path.startsWith(at))?.[1] ?? (path === "/account" ? "Account" : "");
  // Beside the page where there is room, over it where there is none: and closed again by going somewhere.
  const [wide, setWide] = useState(() => matchMedia("(min-width: 75rem)").matches);
  const [menu, setMenu] = useState(wide);
  const main = useRef<HTMLDivElement>(null);
  const first = useRef(true);

  useEffect(() => {
    const query = matchMedia("(min-width: 75rem)");
    const changed = () => {
      setWide(query.matches);
      setMenu(query.matches);
    };
    query.addEventListener("change", changed);
    return () => { query.removeEventListener("change", changed); };
  }, []);

  useEffect(() => {
    document.title = [label, name || location.hostname].filter((part) => part !== "").join(" - ");
  }, [label, name]);

  useEffect(() => {
    // A screen reader follows to the new page; the first one is where it is already.
    if (first.current) first.current = false;
    else main.current?.focus();
  }, [path]);

  const masthead = (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton
            variant="plain"
            aria-label={menu ? "Close the menu" : "Open the menu"}
            isSidebarOpen={menu}
            onSidebarToggle={() => { setMenu(!menu); }}
            id="menu-toggle"
          >
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <Content component="p" className="pe-brand">
            <strong>Palette Edge</strong>
            <span className="pe-brand-host pe-break">{name}</span>
          </Content>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarGroup align={{ default: "alignEnd" }} variant="action-group">
              <ToolbarItem><ActionsMenu hostName={name} /></ToolbarItem>
              <ToolbarItem><UserMenu /></ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );

  const sidebar = (
    <PageSidebar isSidebarOpen={menu} id="menu">
      <PageSidebarBody>
        <Nav aria-label="Main menu">
          <NavList>
            {PAGES.map(([at, text]) => (
              <NavItem
                key={at}
                to={`#${at}`}
                isActive={path.startsWith(at)}
                onClick={() => { if (!wide) setMenu(false); }}
              >
                {text}
              </NavItem>
            ))}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );

  const wait = (
    <Bullseye>
      <Spinner aria-label="Loading" />
    </Bullseye>
  );

  return (
    <Page masthead={masthead} sidebar={sidebar} mainContainerId="main" mainAriaLabel={label} isContentFilled>
      <div ref={main} tabIndex={-1} className="pe-main">
        <HostGone />
        <NetworkChange />
        <SessionEnd />
        <PageSection hasBodyWrapper={false} className="pe-page">
          <ErrorBoundary key={path}>
            <Suspense fallback={wait}>
              <Switch>
                {PAGES.map(([at, , page]) => (
                  <Route key={at} path={at} component={page} />
                ))}
                <Route path="/account" component={Account} />
                <Route path={KEEP_PATH}>{wait}</Route>
                <Route>
                  <Redirect to="/edge-host" replace />
                </Route>
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </PageSection>
      </div>
    </Page>
  );
}
