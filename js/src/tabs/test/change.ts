// A change as a person reads it. Pure.

import { formatEnd, formatValue } from "../../text/format";

/** With its sign: +1.1, −7.2; three significant digits, or as many decimals as a scale that ends at `top` has. */
export function formatChange(change: number, top?: number): string {
	return `${change > 0 ? "+" : ""}${top === undefined ? formatEnd(change) : formatValue(change, top)}`;
}

/** "89.2 → 0.3%" */
export function formatArrow([before, after]: readonly [string, string]): string {
	return `${before.replace(/%$/, after.endsWith("%") ? "" : "%")} → ${after}`;
}
