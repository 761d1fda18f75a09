// The part of a map that the stage shows as pixels: a row for a signal, all of an image, one slice of a volume. Pure.

import type { Heatmap, Picture } from "../kernel/protocol";
import { sliceOf } from "./places";

/** More columns than any stage has device pixels; and as many as a canvas has everywhere. */
export const MOST_COLUMNS = 2048;
const WIDEST = 16384;

export interface Plane {
	values: Float32Array;
	height: number;
	width: number;
}

/** What there is of a map at slice `at` of `depth`, `enlarged` on the stage. */
export function planeOf(
	{ shape, values }: Pick<Heatmap, "shape" | "values">,
	at: number,
	depth: number,
	enlarged = 1,
): Plane {
	if (shape.length === 1) {
		const row = strongestOf(values, Math.min(WIDEST, Math.ceil(MOST_COLUMNS * enlarged)));
		return { values: row, height: 1, width: row.length };
	}
	const [height = 1, width = 1] = shape.slice(-2);
	const area = height * width;
	const first = shape.length === 3 ? area * sliceOf(at, depth, shape[0] as number) : 0;
	return { values: values.subarray(first, first + area), height, width };
}

/** The pixels of a picture, or of slice `at` of a volume. */
export function pixelsOf({ rgb, shape }: Picture, at: number): { rgb: Uint8Array; height: number; width: number } {
	const [height = 1, width = 1] = shape.slice(-3);
	const bytes = 3 * height * width;
	return { rgb: shape.length === 4 ? rgb.subarray(at * bytes, (at + 1) * bytes) : rgb, height, width };
}

/** At most `columns` values; one of a stretch stands for it that is farthest from zero, so that no peak is lost. */
export function strongestOf(values: Float32Array, columns: number): Float32Array {
	if (values.length <= columns) return values;
	return Float32Array.from({ length: columns }, (_, column) => {
		const from = Math.floor((column * values.length) / columns);
		const to = Math.floor(((column + 1) * values.length) / columns);
		return values
			.subarray(from, to)
			.reduce((most, value) => (Math.abs(value) > Math.abs(most) || Number.isNaN(most) ? value : most), Number.NaN);
	});
}
