import { formatMilliseconds, formatPercent } from "../../text/format";
import { useStore } from "../../view/context";
import { useEvidence } from "./context";

/** The dot, the time of the answer, and Stop with how far it is, or Ask again. */
export function TestStatus() {
	const { alive } = useStore();
	const evidence = useEvidence();
	const { after, covers, failed, fresh, halted, late, progress, running, shown, swapping } = evidence;
	const stopped = halted.value || (!running.value && after.state.value === "stale");
	const slow = swapping.value || (fresh.value ? progress.value !== null : late.value) || after.progress.value !== null;
	const working = alive.value && slow && (running.value || after.running.value);
	const state = working ? "computing" : failed.value ? "error" : stopped ? "stale" : "fresh";
	const ms = covers.value ? shown.value?.ms : after.map.value?.ms;
	const words =
		{ error: "error", stale: "stopped" }[state as string] ?? (ms === undefined ? "" : formatMilliseconds(ms));
	const again = alive.value && state === "stale";
	return (
		<div class="sw-status" data-state={alive.value ? state : "gone"} data-working={String(working)}>
			<span class="sw-dot" />
			<span class="sw-status-words" data-shown={String(!working && !again)}>
				{alive.value ? words : "no kernel"}
			</span>
			<button
				type="button"
				class="sw-stop"
				data-shown={String(working || again)}
				disabled={!working && !again}
				title={again ? undefined : "Stop (Esc)"}
				onClick={(event) => {
					if (again) evidence.again();
					else evidence.stop();
					// The button is about to hide; the keys go on working from the frame.
					event.currentTarget.closest<HTMLElement>(".sw-frame")?.focus({ preventScroll: true });
				}}
			>
				{again ? "Ask again" : "Stop"}
			</button>
			<span class="sw-percent">{progress.value === null ? "" : formatPercent(progress.value)}</span>
		</div>
	);
}
