import { formatMilliseconds } from "../../text/format";
import { useStore } from "../../view/context";
import { StatusLine } from "../../view/stage/StatusLine";
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
		<StatusLine
			state={alive.value ? state : "gone"}
			words={alive.value ? words : "no kernel"}
			working={working}
			stopped={again}
			progress={progress.value}
			act={again ? evidence.again : evidence.stop}
		/>
	);
}
