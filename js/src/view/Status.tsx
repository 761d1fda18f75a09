import { formatMilliseconds } from "../format";
import { useStore } from "./context";

/** The dot, the time of the answer, and Stop, which keeps its place while there is nothing to stop. */
export function Status() {
	const store = useStore();
	const { map, late, running, state, alive } = store;
	const working = alive.value && running.value && (state.value === "fresh" || late.value);
	const shown = alive.value ? (working ? "computing" : state.value) : "gone";
	const time = map.value ? formatMilliseconds(map.value.ms) : "";
	const words = { gone: "no kernel", stale: "stopped", error: "error", fresh: time, computing: time }[shown];
	return (
		<div class="sw-status" data-state={shown}>
			<span class="sw-dot" />
			<span class="sw-status-words" data-shown={String(!working)}>
				{words}
			</span>
			<button
				type="button"
				class="sw-stop"
				data-shown={String(working)}
				disabled={!working}
				title="Stop (Esc)"
				onClick={(event) => {
					store.stop();
					// The button is about to hide; the keys go on working from the frame.
					event.currentTarget.closest<HTMLElement>(".sw-frame")?.focus({ preventScroll: true });
				}}
			>
				Stop
			</button>
		</div>
	);
}
