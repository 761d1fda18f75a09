// The shortest check of a map: what covering its strongest part does, beside its weakest. Pure.

import type { Heatmap } from "../../kernel/protocol";
import { deepEqual } from "../../kernel/question";
import { type Mask, strongest, token, weakest } from "../../stage/region/mask";
import type { Answer } from "./question";

export type End = "strongest" | "weakest";

export interface Ends {
	/** The map, and the share of it in percent. */
	query: string;
	percent: number;
	/** Whose two changes can stand beside each other: all that was asked but for the region. */
	asked: unknown;
	changes: Partial<Record<End, number>>;
	units: string;
}

/** Which end of the map the region is, if it is one: also one that was set in Python counts. */
export function endOf(map: Heatmap, mask: Mask, percent: number): End | null {
	const [height = 0, width = 0] = map.shape;
	if (map.shape.length !== 2 || height !== mask.height || width !== mask.width) return null;
	const own = token(mask);
	if (own === token(strongest(map.values, height, width, percent))) return "strongest";
	return own === token(weakest(map.values, height, width, percent)) ? "weakest" : null;
}

/** The ends with one more change; those of another map, question or replacement are forgotten. */
export function withEnd(ends: Ends | null, end: End, { message, asked }: Answer, query: string, percent: number): Ends {
	const { change, keep, replace, units } = message;
	const all = { ...asked, replace, keep };
	const same = ends && ends.query === query && ends.percent === percent && deepEqual(ends.asked, all);
	return { query, percent, asked: all, units, changes: { ...(same ? ends.changes : {}), [end]: change } };
}
