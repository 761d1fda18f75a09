import { useStore } from "../../view/context";
import { useDreams } from "./context";

/** Before the first dream: what it is, and the button that starts it. */
export function Invitation() {
	const store = useStore();
	const dreams = useDreams();
	const { active, starting, waiting, words } = dreams;
	const refusal = store.traits.dream_refusal.value;
	if (refusal) return <p class="sw-invitation sw-soft">{refusal}</p>;
	if (starting.value || active.value || waiting.value.length > 0) {
		return (
			<p class="sw-invitation sw-soft">{active.value ? "The first picture is on its way." : "Waiting for its turn."}</p>
		);
	}
	return (
		<div class="sw-invitation">
			<p class="sw-soft">
				A dream changes an image step by step, until the model sees as much of its target in it as it can.
			</p>
			<button
				type="button"
				class="sw-dream-first"
				data-testid="dream-start"
				disabled={!store.alive.value}
				onClick={(event) => {
					// The button is about to go: Space and Esc go on working from the stage.
					event.currentTarget.closest<HTMLElement>(".sw-stage")?.focus({ preventScroll: true });
					dreams.start("dream_start");
				}}
			>
				Dream of {words.value}
			</button>
		</div>
	);
}
