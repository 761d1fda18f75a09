// filter_indices as text: "20", "3, 5, 7", "all", or for the output layer "best" or classes by name. Pure.

import type { FilterIndices } from "../kernel/traits";
import { nearest } from "../text/nearest";
import type { Parsed } from "../text/parsed";

export function formatFilters(filters: FilterIndices): string {
	if (filters === null) return "all";
	return Array.isArray(filters) ? filters.join(", ") : String(filters);
}

/**
 * The filters that were typed, or one sentence that says what is wrong with them; `labels` are the names of a layer's
 * classes.
 */
export function parseFilters(typed: string, count: number, labels: readonly string[] = []): Parsed<FilterIndices> {
	const text = typed.trim().toLowerCase();
	if (["all", "best"].includes(text)) return { value: null };
	// A name may hold a comma or a space, so the whole is read as a name before it is a list.
	const whole = /^[\d\s,;]*$/.test(text) ? [] : classesCalled(text, labels);
	const words = whole.length > 0 ? [text] : text.split(labels.length > 0 ? /[,;]+|\s+(?=\d)/ : /[\s,;]+/);
	const filters = new Set<number>();
	for (const word of words.map((each) => each.trim()).filter(Boolean)) {
		const found = /^\d+$/.test(word) ? [Number(word)] : classesCalled(word, labels);
		if (found.length !== 1) return { problem: notOne(word, found, labels) };
		filters.add(found[0] as number);
	}
	const [first] = filters;
	if (first === undefined) return { problem: notOne("", [], labels) };
	const beyond = [...filters].find((filter) => filter >= count);
	if (beyond !== undefined) return { problem: `There is no filter ${beyond}: they are 0 to ${count - 1}.` };
	return { value: filters.size === 1 ? first : [...filters] };
}

/** The classes of that very name; else those that have it in their names. */
function classesCalled(word: string, labels: readonly string[]): number[] {
	const all = labels.map((label, index) => ({ label: label.toLowerCase(), index }));
	const exact = all.filter(({ label }) => label === word);
	const found = exact.length > 0 ? exact : all.filter(({ label }) => label.includes(word));
	return found.map(({ index }) => index);
}

function notOne(word: string, found: readonly number[], labels: readonly string[]): string {
	if (found.length > 1) {
		const named = found.slice(0, 3).map((index) => `${index} ${labels[index]}`);
		const more = found.length > 3 ? ", …" : "";
		return `${found.length} classes are called “${word}” (${named.join(", ")}${more}): write more, or a number.`;
	}
	const hint = nearest(word, labels);
	if (word && hint) return `No class is called “${word}”; the nearest is ${hint}.`;
	return labels.length > 0 ? "Write numbers (3, 5, 7), names, or best." : "Write numbers (3, 5, 7), all or best.";
}

export function firstFilter(filters: FilterIndices): number {
	return (Array.isArray(filters) ? filters[0] : filters) ?? 0;
}
