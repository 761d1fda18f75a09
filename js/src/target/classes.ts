// Which classes the header and the search show. Pure.

import type { Activation, Output } from "../kernel/traits";
import { unitOf } from "./network";

export interface ClassScore {
	index: number;
	score: number | null;
}

export function classLabel(labels: readonly string[], index: number, output: Pick<Output, "activation">): string {
	return labels[index] ?? `${unitOf(output)} ${index}`;
}

/** The best `count` classes, best first; those of `chosen` keep a place when they are not among them. */
export function topClasses(values: ArrayLike<number>, count: number, chosen: readonly (number | null)[]): ClassScore[] {
	const ranking = ranked(values);
	const kept = new Set(ranking.filter(({ index }) => chosen.includes(index)).slice(0, count));
	for (const one of ranking) if (kept.size < count) kept.add(one);
	return ranking.filter((one) => kept.has(one));
}

/** Classes whose name or number fits what was typed: exact ones first, then those that start so, then the rest. */
export function findClasses(
	labels: readonly string[],
	total: number,
	values: ArrayLike<number> | null,
	typed: string,
	limit: number,
): ClassScore[] {
	const wanted = typed.trim().toLowerCase();
	const order = values ? ranked(values) : Array.from({ length: total }, (_, index) => ({ index, score: null }));
	if (!wanted) return order.slice(0, limit);
	const rank = (index: number): number => {
		const label = labels[index]?.toLowerCase() ?? "";
		if (String(index) === wanted || label === wanted) return 0;
		if (label.startsWith(wanted) || String(index).startsWith(wanted)) return 1;
		return label.includes(wanted) ? 2 : 3;
	};
	return order
		.map((found) => ({ found, at: rank(found.index) }))
		.filter(({ at }) => at < 3)
		.sort((a, b) => a.at - b.at)
		.slice(0, limit)
		.map(({ found }) => found);
}

/** Scores that are shares of 1 are shown as percentages; raw outputs are not. */
export function isShare(activation: Activation): boolean {
	return activation !== "none";
}

function ranked(values: ArrayLike<number>): ClassScore[] {
	return Array.from(values, (score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
}
