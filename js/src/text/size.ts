// A grid's rows and columns as text, "14 × 14"; null is "off"; numbers for each axis, "8, 16". Pure.

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

/** One number, or one for each axis, none beyond the ends. */
export function parseEach(typed: string, axes: number, minimum: number, maximum: number): Parsed<number | number[]> {
	const numbers = typed
		.split(/[\s,×x*]+/)
		.filter(Boolean)
		.map(Number);
	if ((numbers.length !== 1 && numbers.length !== axes) || !numbers.every(Number.isFinite))
		return { problem: `Write one number, or ${axes} (8, 16${axes > 2 ? ", ..." : ""}).` };
	const [first, ...others] = numbers.map((one) => Math.min(maximum, Math.max(minimum, one))) as [number, ...number[]];
	return { value: others.length ? [first, ...others] : first };
}
