// The widget with the tab of two panes: `node scripts/build.mjs test/twice/index.ts OUT`.

import { TABS } from "../../src/tabs/tabs";
import { TWICE } from "./tab";

TABS.push(TWICE);

export { default } from "../../src/index";
