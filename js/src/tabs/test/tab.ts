import type { Tab } from "../../state/tab";
import { openEvidence } from "./evidence";
import { NEW } from "./panes";
import { TEST_READERS } from "./protocol";
import { TestInspector } from "./TestInspector";
import { TestStage } from "./TestStage";
import { TestStatus } from "./TestStatus";
import { TestStrip } from "./TestStrip";

/** What covering a place does to the score, beside a control: whether the model uses it. */
export const TEST: Tab = {
	name: NEW,
	title: "Test",
	hint: "b brush · e erase · [ ] size · x invert · Ctrl+Z · ? keys",
	space: "with a test: the image as it is",
	panes: [NEW],
	rail: false,
	readers: TEST_READERS,
	open: openEvidence,
	Stage: TestStage,
	Strip: TestStrip,
	Inspector: TestInspector,
	Status: TestStatus,
};
