import { formatMilliseconds } from "../../text/format";
import { useStore } from "../context";
import { usePane } from "../pane";
import { StatusLine } from "./StatusLine";

/** How it stands with the pane's answer. */
export function Status() {
	const { alive } = useStore();
	const pane = usePane();
	const { map, late, progress, running, state } = pane;
	const working = alive.value && running.value && (state.value === "fresh" || late.value);
	const shown = alive.value ? (working ? "computing" : state.value) : "gone";
	const stale = shown === "stale";
	const time = map.value ? formatMilliseconds(map.value.ms) : "";
	const words = { gone: "no kernel", stale: "stopped", error: "error", fresh: time, computing: time }[shown];
	const act = stale ? pane.again : pane.stop;
	return (
		<StatusLine state={shown} words={words} working={working} stopped={stale} progress={progress.value} act={act} />
	);
}
