// Numbers and shapes as a person reads them.

const MINUS = "\u2212";

function signs(text: string): string {
	return text.replaceAll("-", MINUS);
}

/** Three significant digits: 11.3, 0.042, 1.2e-7. */
export function formatEnd(value: number): string {
	if (value === 0) return "0";
	const size = Math.abs(value);
	if (size < 1e-3 || size >= 1e5) return signs(value.toExponential(1));
	return signs(String(Number(value.toPrecision(3))));
}

/** A value of a map, with decimals that fit the map's scale, so that neighbours can be compared. */
export function formatValue(value: number, top: number): string {
	if (!Number.isFinite(value)) return "not a number";
	if (top !== 0 && (top < 1e-3 || top >= 1e5)) return signs(value.toExponential(2));
	const digits = top === 0 ? 0 : Math.floor(Math.log10(top));
	return signs(value.toFixed(Math.min(5, Math.max(digits < 2 ? 2 : 0, 2 - digits))));
}

export function formatShare(share: number): string {
	const percent = 100 * share;
	if (percent > 0 && percent < 0.05) return "<0.1%";
	return `${percent.toFixed(1)}%`;
}

/** 412 -> "412th" */
export function formatOrdinal(place: number): string {
	const last = place % 100 >= 11 && place % 100 <= 13 ? 0 : place % 10;
	return `${place}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}

/** 0.6 -> "60%": of work, where tenths say nothing. */
export function formatPercent(share: number): string {
	return `${Math.floor(100 * share)}%`;
}

/** 3504872 -> "3.5 M" */
export function formatCount(count: number): string {
	if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`;
	if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
	if (count >= 1e4) return `${Math.round(count / 1e3)} k`;
	return String(count);
}

export function formatShape(shape: readonly (number | null)[]): string {
	return shape.map((size) => size ?? "?").join("×");
}

/** The sizes of an input as a person says them: "224×112" (width first), "64×64×32", "1000 positions". */
export function formatExtent(sizes: readonly number[]): string {
	if (sizes.length === 1) return `${sizes[0]} positions`;
	return [...sizes].reverse().join("×");
}

export function formatMilliseconds(ms: number): string {
	return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatBytes(bytes: number): string {
	return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
