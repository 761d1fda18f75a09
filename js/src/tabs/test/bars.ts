// Bars of numbers that share an axis. Pure.

/** From where to where of the axis, as shares of it; zero is on it. */
export interface Bar {
	from: number;
	to: number;
}

export function barsOf(values: readonly number[]): Bar[] {
	const low = Math.min(0, ...values);
	const extent = Math.max(0, ...values) - low || 1;
	const at = (value: number) => (value - low) / extent;
	return values.map((value) => ({ from: at(Math.min(0, value)), to: at(Math.max(0, value)) }));
}
