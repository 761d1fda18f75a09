import { useStore } from "../../view/context";
import { useDreams } from "./context";

/** The header's dot in the colour that the same state has for a map. */
const COLOURS: Record<string, string> = { running: "computing", done: "fresh", failed: "error" };

/** How it stands with the dream; Stop is under the stage. */
export function DreamStatus() {
	const { alive } = useStore();
	const dreams = useDreams();
	const state = alive.value ? (dreams.current.value?.state ?? dreams.state.value) : "no kernel";
	return (
		<div class="sw-status" data-state={COLOURS[state] ?? state} data-working={String(state === "running")}>
			<span class="sw-dot" />
			<span class="sw-status-words">{state || "ready"}</span>
		</div>
	);
}
