// How much of a map lies in a region, as region.py says it. Pure.

import type { Heatmap } from "../../kernel/protocol";
import { ABOUT_ZERO } from "../paint";
import { halfEven, isEmpty, type Mask } from "./mask";

export interface Share {
	/** The region's part of the positive values, of the negative ones and of all magnitudes; NaN where there are none. */
	positive: number;
	negative: number;
	absolute: number;
	/** The region's part of the pixels. */
	area: number;
	/** How many times its part of the area. */
	ratio: number;
	sentence: string;
}

/** Null where nothing is marked, or the map is not of those pixels; values that are not finite count as zero. */
export function shareOf({ shape, values }: Pick<Heatmap, "shape" | "values">, mask: Mask | null): Share | null {
	if (!mask || isEmpty(mask) || shape.length !== 2 || shape[0] !== mask.height || shape[1] !== mask.width) return null;
	const { bits } = mask;
	let [pixels, largest] = [0, 0];
	// Outside and inside.
	const [above, below] = [
		[0, 0],
		[0, 0],
	] as [[number, number], [number, number]];
	for (let i = 0; i < bits.length; i++) {
		const inside = bits[i] as 0 | 1;
		const value = values[i] as number;
		pixels += inside;
		if (!Number.isFinite(value)) continue;
		if (value > 0) above[inside] += value;
		else below[inside] -= value;
		largest = Math.max(largest, Math.abs(value));
	}
	const area = pixels / bits.length;
	if (largest < ABOUT_ZERO) {
		const none = { positive: Number.NaN, negative: Number.NaN, absolute: Number.NaN, ratio: Number.NaN };
		return { ...none, area, sentence: "The map is about zero: a region has no share of it." };
	}
	const part = (outside: number, inside: number) => inside / (outside + inside);
	const [positive, negative] = [part(...above), part(...below)];
	const absolute = part(above[0] + below[0], above[1] + below[1]);
	const [kind, share] = Number.isNaN(positive) ? ["absolute", absolute] : ["positive", positive];
	const ratio = share / area;
	const [of, size] = [share, area].map((one) => `${halfEven(100 * one)}%`);
	const sentence = `${of} of the ${kind} attribution in ${size} of the area: ${tenths(ratio)} times its share.`;
	return { positive, negative, absolute, area, ratio, sentence };
}

/** One decimal, as Python writes it: only a quarter lies just between two. */
function tenths(value: number): string {
	return (Number.isInteger(4 * value) ? halfEven(10 * value) / 10 : value).toFixed(1);
}
