import { Button } from "../../view/Button";
import { useDreams } from "./context";

/** Back through the steps that the page has seen; the right end is live. It asks the kernel nothing. */
export function Scrubber() {
	const { at, film, held, moment, scrub } = useDreams();
	const last = film.value.moments.length - 1;
	return (
		<>
			<input
				type="range"
				class="sw-range"
				data-testid="dream-scrubber"
				aria-label="steps that were seen"
				aria-valuetext={moment.value ? `step ${moment.value.step}` : ""}
				min={0}
				max={Math.max(1, last)}
				value={last > 0 ? at.value : 1}
				disabled={last < 1}
				onInput={(event) => scrub(event.currentTarget.valueAsNumber)}
			/>
			<Button
				class="sw-action sw-live"
				title="Follow the newest step"
				aria-pressed={held.value === null && last >= 0}
				disabled={last < 1}
				act={() => scrub(last)}
			>
				live
			</Button>
		</>
	);
}
