// The scores of the outputs, by layer index. Pure.

import type { Scores } from "../kernel/protocol";

/** `known` with those of a message; those of another image go. */
export function withScores(known: ReadonlyMap<number, Scores>, message: Scores): Map<number, Scores> {
	const kept = [...known].filter(([, { image_idx }]) => image_idx === message.image_idx);
	return new Map([...kept, [message.layer, message]]);
}
