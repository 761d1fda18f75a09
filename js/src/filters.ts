// filter_indices as text: "20", "3, 5, 7", "all", or for the output layer "best". Pure.

import type { Parsed } from "./parsed";
import type { FilterIndices } from "./traits";

export function formatFilters(filters: FilterIndices): string {
	if (filters === null) return "all";
	return Array.isArray(filters) ? filters.join(", ") : String(filters);
}

/** The filters that were typed, or one sentence that says what is wrong with them. */
export function parseFilters(typed: string, count: number): Parsed<FilterIndices> {
	const words = typed.split(/[\s,;]+/).filter(Boolean);
	if (words.length === 1 && ["all", "best"].includes(words[0]?.toLowerCase() ?? "")) return { value: null };
	if (words.length === 0 || !words.every((word) => /^\d+$/.test(word))) {
		return { problem: "Write numbers (3, 5, 7), all or best." };
	}
	const filters = [...new Set(words.map(Number))];
	const beyond = filters.find((filter) => filter >= count);
	if (beyond !== undefined) return { problem: `There is no filter ${beyond}: they are 0 to ${count - 1}.` };
	return { value: filters.length === 1 ? (filters[0] as number) : filters };
}

export function firstFilter(filters: FilterIndices): number {
	return (Array.isArray(filters) ? filters[0] : filters) ?? 0;
}
