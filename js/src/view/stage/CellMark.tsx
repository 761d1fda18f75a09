import { useStore } from "../context";
import { usePane } from "../pane";

/** Frames the part of the input over which the explained cell lies. */
export function CellMark() {
	const { target, traits } = useStore();
	const { scene } = usePane();
	const cell = traits.cell.value;
	const cells = target.layer.value?.cells;
	const space = scene.extent.value.length;
	if (!cell || cells?.length !== space || cell.length !== space || !scene.onImage.value || traits.target.value)
		return null;
	// As shares of each axis; a signal has no rows, and a volume shows the cell in its own slices only.
	const spans = cell.map((at, axis) => [at / (cells[axis] ?? 1), 1 / (cells[axis] ?? 1)] as const);
	const [x, y, z] = spans.reverse();
	if (z) {
		const middle = (scene.slice.value + 0.5) / scene.depth.value;
		if (middle < z[0] || middle >= z[0] + z[1]) return null;
	}
	const [left, width] = x ?? [0, 1];
	const [top, height] = y ?? [0, 1];
	const percent = (share: number) => `${100 * share}%`;
	return (
		<span
			class="sw-cell"
			data-testid="cell"
			style={{ left: percent(left), top: percent(top), width: percent(width), height: percent(height) }}
		/>
	);
}
