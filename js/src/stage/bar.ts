// The colour bar: its colours and the words at its ends.

import { formatEnd } from "../text/format";
import type { Colormap } from "./colormaps";
import { paint, type Scale } from "./paint";

export const STEPS = 256;

/** RGBA of the scale from end to end; the part under the threshold is painted as on the stage. */
export function paintBar(
	signed: boolean,
	colors: Colormap,
	threshold: number,
	alone: boolean,
	out: Uint8ClampedArray,
): void {
	const low = signed ? -1 : 0;
	const values = Float32Array.from({ length: STEPS }, (_, i) => low + ((1 - low) * i) / (STEPS - 1));
	const scale = { top: 1, signed, clipped: false, zero: false, empty: false };
	paint(values, scale, { colors, opacity: 1, threshold, alone }, out);
}

export function lowEnd({ signed, clipped, top }: Scale): string {
	if (!signed) return "0";
	return `${clipped ? "≤ " : ""}${formatEnd(-top)}`;
}

export function highEnd({ clipped, top }: Scale): string {
	return `${clipped ? "≥ " : ""}${formatEnd(top)}`;
}
