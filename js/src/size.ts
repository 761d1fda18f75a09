// A grid's rows and columns as text, "14 × 14"; null is "off". Pure.

import type { Parsed } from "./parsed";

export function formatSize(value: unknown): string {
	return Array.isArray(value) && value.length === 2 ? value.join(" × ") : "off";
}

export function parseSize(typed: string): Parsed<[number, number] | null> {
	const text = typed.trim().toLowerCase();
	if (text === "" || text === "off") return { value: null };
	const [, rows, columns] = /^([1-9]\d*)\s*[×x*,\s]\s*([1-9]\d*)$/.exec(text) ?? [];
	if (!rows || !columns) return { problem: "Write rows × columns (14 × 14), or off." };
	return { value: [Number(rows), Number(columns)] };
}
