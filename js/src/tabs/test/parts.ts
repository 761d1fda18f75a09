// Pictures of one size that came in one buffer. Pure.

import type { Pixels } from "../../stage/pixels";

/** The picture at that place, null where there is none; the very same object each time, so that it is painted once. */
export function partOf(rgb: Uint8Array, [height = 0, width = 0]: readonly number[], at: number): Pixels | null {
	const bytes = 3 * height * width;
	if (at < 0 || (at + 1) * bytes > rgb.length) return null;
	const known = CUT.get(rgb) ?? new Map<number, Pixels>();
	CUT.set(rgb, known);
	const part = known.get(at) ?? { rgb: rgb.subarray(at * bytes, (at + 1) * bytes), height, width };
	known.set(at, part);
	return part;
}

const CUT = new WeakMap<Uint8Array, Map<number, Pixels>>();
