import { useSignal } from "@preact/signals";
import { useDreams } from "./context";
import type { Dream } from "./protocol";

const STEPS: Record<string, (columns: number) => number> = {
	ArrowLeft: () => -1,
	ArrowRight: () => 1,
	ArrowUp: (columns) => -columns,
	ArrowDown: (columns) => columns,
	Home: () => Number.NEGATIVE_INFINITY,
	End: () => Number.POSITIVE_INFINITY,
};

/** A tile for each filter of a layer; the arrow keys go from one to the next. */
export function DreamGrid({ dream }: { dream: Dream }) {
	const dreams = useDreams();
	const at = useSignal(0);
	const last = dream.titles.length - 1;
	function press(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
		const tiles = event.currentTarget.children;
		const step = STEPS[event.key]?.(columnsOf(tiles));
		if (step === undefined) return;
		at.value = Math.min(last, Math.max(0, at.value + step));
		(tiles[at.value] as HTMLElement).focus();
		event.preventDefault();
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: a fieldset does not scroll in all browsers
		<div class="sw-dream-grid" role="group" aria-label="filters" data-testid="dream-grid" onKeyDown={press}>
			{dream.titles.map((title, place) => (
				<button
					key={place}
					type="button"
					class="sw-tile"
					data-testid={`dream-tile-${place}`}
					aria-pressed={dreams.card.value?.place === place}
					tabIndex={place === at.value ? 0 : -1}
					title={title}
					onClick={() => {
						at.value = place;
						dreams.openCard(place);
					}}
				>
					<canvas width={1} height={1} />
					{dream.filters[place] ?? place}
				</button>
			))}
		</div>
	);
}

/** How many tiles lie in the first row. */
function columnsOf(tiles: HTMLCollection): number {
	const tops = Array.from(tiles, (tile) => (tile as HTMLElement).offsetTop);
	const next = tops.findIndex((top) => top > (tops[0] as number));
	return next < 0 ? tops.length : next;
}
