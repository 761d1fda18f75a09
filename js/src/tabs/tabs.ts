// The tabs, in their order: a row each. The first shows where the name of the open one is not known.

import type { Tab } from "../state/tab";
import { DREAM } from "./dream/tab";
import { EXPLAIN } from "./explain/tab";
import { TEST } from "./test/tab";

export const TABS: [Tab, ...Tab[]] = [EXPLAIN, TEST, DREAM];
