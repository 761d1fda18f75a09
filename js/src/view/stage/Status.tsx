import { formatMilliseconds, formatPercent } from "../../text/format";
import { useStore } from "../context";
import { usePane } from "../pane";

/** The dot, the time of the answer, and Stop with how far it is, or Ask again; they keep their place while nothing runs. */
export function Status() {
	const { alive } = useStore();
	const pane = usePane();
	const { map, late, progress, running, state } = pane;
	const working = alive.value && running.value && (state.value === "fresh" || late.value);
	const shown = alive.value ? (working ? "computing" : state.value) : "gone";
	const stale = shown === "stale";
	const time = map.value ? formatMilliseconds(map.value.ms) : "";
	const words = { gone: "no kernel", stale: "stopped", error: "error", fresh: time, computing: time }[shown];
	return (
		<div class="sw-status" data-state={shown} data-working={String(working)}>
			<span class="sw-dot" />
			<span class="sw-status-words" data-shown={String(!working && !stale)}>
				{words}
			</span>
			<button
				type="button"
				class="sw-stop"
				data-shown={String(working || stale)}
				disabled={!working && !stale}
				title={stale ? undefined : "Stop (Esc)"}
				onClick={(event) => {
					if (stale) pane.again();
					else pane.stop();
					// The button is about to hide; the keys go on working from the frame.
					event.currentTarget.closest<HTMLElement>(".sw-frame")?.focus({ preventScroll: true });
				}}
			>
				{stale ? "Ask again" : "Stop"}
			</button>
			<span class="sw-percent">{progress.value !== null ? formatPercent(progress.value) : ""}</span>
		</div>
	);
}
