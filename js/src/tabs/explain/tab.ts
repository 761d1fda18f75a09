import { computed } from "@preact/signals";
import type { Surroundings, Tab, TabState } from "../../state/tab";
import { inPane } from "../../view/pane";
import { AppearanceStrip } from "../../view/stage/AppearanceStrip";
import { Status } from "../../view/stage/Status";
import { ExplainStage } from "./ExplainStage";
import { Inspector } from "./Inspector";

const PANE = "explain";

/** Maps of what the target depends on. */
export const EXPLAIN: Tab = {
	name: "explain",
	title: "Explain",
	hint: "Space: original · j/k: next image · ? keys",
	space: "the original image",
	panes: [PANE],
	readers: {},
	open,
	Stage: inPane(PANE, ExplainStage),
	Strip: inPane(PANE, AppearanceStrip),
	Inspector: inPane(PANE, Inspector),
	Status: inPane(PANE, Status),
};

function open({ input, pane, traits }: Surroundings): TabState {
	const { announcement, stop } = pane(PANE);
	const keys = {
		Escape: stop,
		" ": () => {
			input.peeking.value = true;
		},
	};
	return { announcement, keys, python: computed(() => traits.python.value.explain) };
}
