import type { Signal } from "@preact/signals";

const [NARROWEST, WIDEST, STEP] = [140, 420, 16];

/** The edge of the rail, dragged or moved with the arrow keys; a double click or Home gives it back its own width. */
export function RailEdge({ wide }: { wide: Signal<number> }) {
	function move(edge: HTMLElement, by: number): void {
		const now = wide.value || edge.parentElement?.clientWidth || NARROWEST;
		wide.value = Math.min(WIDEST, Math.max(NARROWEST, now + by));
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: an <hr> can't be dragged
		<div
			class="sw-rail-edge"
			role="separator"
			aria-orientation="vertical"
			aria-label="width of the layers"
			aria-valuemin={NARROWEST}
			aria-valuemax={WIDEST}
			aria-valuenow={wide.value || 190}
			title="Drag for longer names (double click: as it was)"
			tabIndex={0}
			onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
			onPointerMove={(event) => {
				const edge = event.currentTarget;
				if (!edge.hasPointerCapture(event.pointerId)) return;
				const { left = 0 } = edge.parentElement?.getBoundingClientRect() ?? {};
				wide.value = Math.min(WIDEST, Math.max(NARROWEST, Math.round(event.clientX - left)));
			}}
			onDblClick={() => {
				wide.value = 0;
			}}
			onKeyDown={(event) => {
				if (event.key === "ArrowRight") move(event.currentTarget, STEP);
				else if (event.key === "ArrowLeft") move(event.currentTarget, -STEP);
				else if (event.key === "Home") wide.value = 0;
				else return;
				event.preventDefault();
			}}
		/>
	);
}
