import type { Tab } from "../../state/tab";
import { DreamInspector } from "./DreamInspector";
import { DreamStage } from "./DreamStage";
import { DreamStatus } from "./DreamStatus";
import { DreamStrip } from "./DreamStrip";
import { openDreams } from "./dreams";
import { DREAM_READERS } from "./protocol";

/** Images that the target responds to. */
export const DREAM: Tab = {
	name: "dream",
	title: "Dream",
	hint: "Space: pause · Esc: stop · ? keys",
	space: "with a dream: pause, go on",
	panes: [],
	readers: DREAM_READERS,
	open: openDreams,
	Stage: DreamStage,
	Strip: DreamStrip,
	Inspector: DreamInspector,
	Status: DreamStatus,
};
