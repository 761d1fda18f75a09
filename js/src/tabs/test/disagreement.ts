// Whether replacements come to the same, by the rule of verdict.py. Pure.

/** A change that is smaller than this share of the score is rounding. */
const ROUNDING = 1e-6;

/** They differ in sign, or the smallest change is less than half of the largest. */
export function depends(changes: readonly number[], score: number): boolean {
	const sizes = changes.map(Math.abs);
	const largest = Math.max(0, ...sizes);
	if (largest <= ROUNDING * Math.max(1, Math.abs(score))) return false;
	return new Set(changes.map(Math.sign)).size > 1 || Math.min(...sizes) < largest / 2;
}
