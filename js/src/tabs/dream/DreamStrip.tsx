import type { ComponentChildren } from "preact";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { useDreams } from "./context";
import { Scrubber } from "./Scrubber";

/** Start, pause, stop; how far it is; the way back through what was seen; and what to take along. */
export function DreamStrip() {
	const store = useStore();
	const dreams = useDreams();
	const { active, current, dream, exporting, extensible, starting, waiting, words } = dreams;
	const alive = store.alive.value;
	const paused = active.value?.state === "paused";
	const begun = current.value !== null || starting.value || waiting.value.length > 0;
	// A grid has no film.
	const grid = dream.value?.form === "grid";
	const files = ["gif", "png"] as const;
	return (
		<div class="sw-look sw-dream-strip">
			<div class="sw-look-row">
				<Action
					// The invitation has the same button, larger.
					{...(begun && { testid: "dream-start" })}
					hidden={!begun}
					title={`Dream of ${words.value}${active.value ? ", after this one" : ""}`}
					disabled={!alive || !begun || store.traits.dream_refusal.value !== ""}
					act={() => dreams.start("dream_start")}
				>
					Dream
				</Action>
				<Action
					testid="dream-pause"
					title="Space on the stage"
					disabled={!alive || !active.value || active.value.state === "queued"}
					act={() => dreams.toggle()}
				>
					<span class="sw-either">
						<span aria-hidden={paused}>Pause</span>
						<span aria-hidden={!paused}>Resume</span>
					</span>
				</Action>
				<Action
					testid="dream-stop"
					title="Stop (Esc)"
					disabled={!alive || !(active.value || waiting.value.length > 0)}
					act={() => dreams.stop()}
				>
					Stop
				</Action>
				<Action
					testid="dream-more"
					title="Go on for as many steps again"
					disabled={!alive || !extensible.value}
					act={() => dreams.more()}
				>
					More steps
				</Action>
				<Step />
			</div>
			<div class="sw-look-row">
				<Scrubber />
				{files.map((format) => (
					<Action
						key={format}
						testid={`dream-export-${format}`}
						title={`Save as ${format.toUpperCase()}`}
						disabled={!alive || !dream.value || exporting.value !== null || (format === "gif" && grid)}
						act={() => dreams.exportAs(format)}
					>
						{format.toUpperCase()}
					</Action>
				))}
				<Action
					testid="dream-copy"
					title="Copy as Python"
					disabled={!current.value?.python}
					act={() => store.copy(current.value?.python ?? "")}
				>
					Python
				</Action>
			</div>
		</div>
	);
}

interface ActionProps {
	testid?: string;
	title: string;
	disabled: boolean;
	hidden?: boolean;
	act: () => void;
	children: ComponentChildren;
}

function Action({ testid, hidden, ...rest }: ActionProps) {
	return <Button class="sw-action" data-testid={testid} data-shown={String(!hidden)} {...rest} />;
}

/** "12 / 256"; of a grid the filters that are under way. */
function Step() {
	const { current, dream, moment, step } = useDreams();
	const now = current.value;
	const latest = now && now.id === dream.value?.id ? moment.value : null;
	const words =
		now?.form === "grid" && latest
			? `${latest.offset + 1}–${latest.offset + latest.count} of ${now.titles.length} · ${latest.step} / ${now.steps}`
			: now && `${step.value} / ${now.steps}`;
	return (
		<output
			class="sw-dream-step"
			data-testid="dream-step"
			title={now ? `step of the dream, ${now.state}` : ""}
			aria-live="off"
		>
			{words}
		</output>
	);
}
