import { formatMilliseconds, formatPercent } from "../format";
import { useStore } from "./context";

/** The dot, the time of the answer, and Stop with how far it is, which keep their place while nothing runs. */
export function Status() {
	const store = useStore();
	const { map, late, progress, running, state, alive } = store;
	const working = alive.value && running.value && (state.value === "fresh" || late.value);
	const shown = alive.value ? (working ? "computing" : state.value) : "gone";
	const time = map.value ? formatMilliseconds(map.value.ms) : "";
	const words = { gone: "no kernel", stale: "stopped", error: "error", fresh: time, computing: time }[shown];
	return (
		<div class="sw-status" data-state={shown} data-working={String(working)}>
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
			<span class="sw-percent">{progress.value !== null ? formatPercent(progress.value) : ""}</span>
		</div>
	);
}
