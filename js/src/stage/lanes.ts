// Where the channels of a signal lie on the stage, and the points of their lines. Pure; knows no canvas.

import type { Series } from "../kernel/protocol";

/** More lines than this can't be told apart on a stage; the footer says how many there are. */
export const MOST_LANES = 32;

/** A band of the stage, as shares of its height. */
export interface Lane {
	top: number;
	bottom: number;
}

/** Room for the buttons over the lines and the numbers under them. */
export const STAGE_LANES: Lane = { top: 0.14, bottom: 0.93 };

export function laneCount({ shape }: Series): number {
	return Math.min(MOST_LANES, shape[1]);
}

/** The lane of each channel that is shown, top down. */
export function lanesOf(series: Series, { top, bottom }: Lane): Lane[] {
	const count = laneCount(series);
	const height = (bottom - top) / count;
	return Array.from({ length: count }, (_, at) => ({ top: top + at * height, bottom: top + (at + 1) * height }));
}

/** The channel whose lane is nearest to a share of the stage's height. */
export function channelAt(y: number, series: Series): number {
	const { top, bottom } = STAGE_LANES;
	const count = laneCount(series);
	return Math.min(count - 1, Math.max(0, Math.floor(((y - top) / (bottom - top)) * count)));
}

/** The smallest and largest number of a channel; [0, 0] where there is none. */
export function rangeOf({ shape, values }: Series, channel: number): [number, number] {
	let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (let i = channel; i < values.length; i += shape[1]) {
		const value = values[i] as number;
		if (!Number.isFinite(value)) continue;
		if (value < low) low = value;
		if (value > high) high = value;
	}
	return low <= high ? [low, high] : [0, 0];
}

/**
 * A channel's line as (share of the width, value). Where positions are denser than columns, the smallest and the
 * largest value of each column: the line keeps its peaks at any width. Only from share `from` to share `to` of it, and a
 * point beyond, where the line comes from and goes to.
 */
export function linePoints(
	{ shape, values }: Series,
	channel: number,
	columns: number,
	from = 0,
	to = 1,
): [number, number][] {
	const [length, channels] = shape;
	const point = (position: number): [number, number] => [
		(position + 0.5) / length,
		values[position * channels + channel] as number,
	];
	const all = length <= 2 * columns;
	const count = all ? length : columns;
	const start = Math.max(0, Math.floor(from * count) - 1);
	const end = Math.min(count, Math.ceil(to * count) + 1);
	if (all) return Array.from({ length: end - start }, (_, at) => point(start + at));
	const points: [number, number][] = [];
	for (let column = start; column < end; column++) {
		let low = Math.floor((column * length) / columns);
		let high = low;
		for (let at = low + 1; at < Math.floor(((column + 1) * length) / columns); at++) {
			const value = point(at)[1];
			if (value < point(low)[1]) low = at;
			if (value > point(high)[1]) high = at;
		}
		points.push(point(Math.min(low, high)), point(Math.max(low, high)));
	}
	return points;
}
