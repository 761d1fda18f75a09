// Places in a signal, an image or a volume: pixels, cells and slices, as shares of each axis or as text. Pure.

import type { Cell } from "../kernel/traits";
import type { Parsed } from "../text/parsed";

/** A place on the stage, as shares of its width and height. */
export interface Probe {
	x: number;
	y: number;
}

/** The place as shares of the input's axes, the slowest first; a volume is cut at `slice` of its `depth` slices. */
export function sharesOf({ x, y }: Probe, space: number, slice: number, depth: number): number[] {
	if (space === 1) return [x];
	return space === 2 ? [y, x] : [(slice + 0.5) / depth, y, x];
}

/** The index along each axis of what lies there. */
export function indicesAt(shares: readonly number[], sizes: readonly number[]): number[] {
	return sizes.map((size, axis) => Math.min(size - 1, Math.max(0, Math.floor((shares[axis] ?? 0) * size))));
}

/** The index in a flat array, row by row. */
export function flatIndex(indices: readonly number[], sizes: readonly number[]): number {
	return sizes.reduce((flat, size, axis) => flat * size + (indices[axis] ?? 0), 0);
}

/** The cell of a feature map under a place; null where the map has other axes than the input, or unknown sizes. */
export function cellAt(shares: readonly number[], cells: readonly (number | null)[] | null): Cell {
	if (!cells || cells.length !== shares.length || !cells.every((size) => size !== null)) return null;
	return indicesAt(shares, cells);
}

export function formatCell(cell: Cell): string {
	return cell === null ? "all" : cell.join(", ");
}

/** The cell that was typed, or one sentence that says what is wrong with it. */
export function parseCell(typed: string, cells: readonly (number | null)[]): Parsed<Cell> {
	const words = typed.split(/[\s,;]+/).filter(Boolean);
	if (words.length === 0 || (words.length === 1 && words[0]?.toLowerCase() === "all")) return { value: null };
	if (words.length !== cells.length || !words.every((word) => /^\d+$/.test(word))) {
		return { problem: `Write ${AXES[cells.length] ?? `${cells.length} numbers`}, or all.` };
	}
	const cell = words.map(Number);
	const axis = cells.findIndex((size, at) => size !== null && (cell[at] as number) >= size);
	if (axis >= 0) return { problem: `There is no cell ${cell[axis]}: they are 0 to ${(cells[axis] as number) - 1}.` };
	return { value: cell };
}

const AXES: Record<number, string> = {
	1: "a position (3)",
	2: "row and column (3, 4)",
	3: "slice, row and column (2, 3, 4)",
};

/** The slice of a volume with the largest magnitudes; the middle one where all are zero. */
export function strongestSlice(values: Float32Array, depth: number): number {
	const area = values.length / depth;
	let best = Math.floor(depth / 2);
	let most = 0;
	for (let slice = 0; slice < depth; slice++) {
		let sum = 0;
		for (let i = slice * area; i < (slice + 1) * area; i++) {
			const magnitude = Math.abs(values[i] as number);
			if (Number.isFinite(magnitude)) sum += magnitude;
		}
		if (sum > most) [best, most] = [slice, sum];
	}
	return best;
}

/** Which of `count` slices to show where slice `at` of `depth` is: a map may have fewer than the picture. */
export function sliceOf(at: number, depth: number, count: number): number {
	return Math.min(count - 1, Math.floor(((at + 0.5) / depth) * count));
}
