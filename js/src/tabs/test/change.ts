// A change as a person reads it. Pure.

import { formatEnd } from "../../text/format";

/** With its sign: +1.1, −7.2; three significant digits. */
export function formatChange(change: number): string {
	return `${change > 0 ? "+" : ""}${formatEnd(change)}`;
}
