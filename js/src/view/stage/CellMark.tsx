import type { Scene } from "../../stage/scene";
import { useStore } from "../context";
import { usePane } from "../pane";

/** Frames the part of the input over which the explained cell lies. */
export function CellMark() {
	const { target, traits } = useStore();
	const { scene } = usePane();
	const cell = traits.cell.value;
	const cells = target.layer.value?.cells;
	if (!cell || cells?.length !== cell.length || traits.target.value) return null;
	return <CellFrame scene={scene} cell={cell} cells={cells} testid="cell" />;
}

interface Frame {
	scene: Scene;
	cell: readonly number[];
	/** The sizes of its feature map. */
	cells: readonly (number | null)[];
	testid: string;
}

/** Frames a cell, where the stage shows the input and this part of it. */
export function CellFrame({ scene, cell, cells, testid }: Frame) {
	if (cell.length !== scene.extent.value.length || !scene.onImage.value) return null;
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
			data-testid={testid}
			style={{ left: percent(left), top: percent(top), width: percent(width), height: percent(height) }}
		/>
	);
}
