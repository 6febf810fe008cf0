// The entry: what the login page needs and no more. Everything behind it is fetched after the login.
import "@patternfly/react-core/dist/styles/base.css";
import "./index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gate } from "./app/Gate";
import { startTheme } from "./app/theme";

startTheme();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Gate />
  </StrictMode>,
);
