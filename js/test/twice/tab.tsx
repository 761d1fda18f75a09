// A tab of two panes that only tests have: what a third tab takes is this row.

import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { followMap } from "../../src/stage/painter";
import { FITTING } from "../../src/stage/zoom";
import type { Tab } from "../../src/state/tab";
import { useStore } from "../../src/view/context";
import { Messages } from "../../src/view/Messages";
import { inPane, usePane } from "../../src/view/pane";

const PANES = ["left", "right"] as const;
const UNZOOMED = signal(FITTING);

/** Two questions at the same time, whose maps stand side by side. */
export const TWICE: Tab = {
	name: "twice",
	title: "Twice",
	hint: "Esc: stop both",
	space: "with two maps: nothing",
	panes: PANES,
	readers: {},
	open: ({ pane }) => {
		const both = PANES.map(pane);
		return {
			announcement: computed(() => both.map(({ announcement }) => announcement.value).join("; ")),
			python: signal(""),
			keys: {
				Escape: () => {
					for (const { stop } of both) stop();
				},
			},
		};
	},
	Stage: TwiceStage,
	Strip: () => null,
	Inspector: () => <div class="sw-inspector" />,
	Status: () => null,
};

const [Left, Right] = PANES.map((name) => inPane(name, PaneMap)) as [Tab["Stage"], Tab["Stage"]];

function TwiceStage() {
	const { failure, pane } = useStore();
	return (
		<div class="sw-stage" data-testid="twice-stage">
			<Left />
			<Right />
			<Messages failures={[failure, ...PANES.map((name) => pane(name).failure)]} />
		</div>
	);
}

/** The map of a pane, its method, how it stands, and Stop. */
function PaneMap() {
	const pane = usePane();
	const box = useRef<HTMLElement>(null);
	const canvas = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(
		() => followMap(pane, box.current as HTMLElement, canvas.current as HTMLCanvasElement, UNZOOMED),
		[pane],
	);
	return (
		<section ref={box} data-testid={`pane-${pane.name}`}>
			<canvas ref={canvas} width={1} height={1} />
			<span data-part="method">{pane.map.value?.method}</span> <span data-part="state">{pane.state.value}</span>{" "}
			<button type="button" aria-label={`stop ${pane.name}`} disabled={!pane.running.value} onClick={pane.stop}>
				Stop
			</button>
		</section>
	);
}
