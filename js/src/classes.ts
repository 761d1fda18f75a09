// Which classes the header and the search show. Pure.

import type { Activation } from "./traits";

export interface ClassScore {
	index: number;
	score: number | null;
}

export function classLabel(labels: readonly string[], index: number, activation: Activation): string {
	return labels[index] ?? `${activation === "none" ? "output" : "class"} ${index}`;
}

/** The best `count` classes, best first; the chosen one takes the last place when it is not among them. */
export function topClasses(values: ArrayLike<number>, count: number, chosen: number | null): ClassScore[] {
	const best = ranked(values).slice(0, count);
	if (chosen !== null && chosen < values.length && best.length > 0 && !best.some(({ index }) => index === chosen)) {
		best[best.length - 1] = { index: chosen, score: values[chosen] as number };
	}
	return best;
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
