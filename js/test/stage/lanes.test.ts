import { describe, expect, it } from "vitest";
import type { Series } from "../../src/kernel/protocol";
import { channelAt, lanesOf, linePoints, MOST_LANES, rangeOf, STAGE_LANES } from "../../src/stage/lanes";

function series(length: number, channels: number, at: (position: number, channel: number) => number): Series {
	const values = Float32Array.from({ length: length * channels }, (_, i) => at(Math.floor(i / channels), i % channels));
	return { kind: "signal", image_idx: 0, input_idx: 0, name: "", shape: [length, channels], values };
}

describe("lanes", () => {
	it("share the room evenly, top down", () => {
		const lanes = lanesOf(
			series(2, 3, () => 0),
			{ top: 0.1, bottom: 0.7 },
		);
		expect(lanes.map(({ top }) => top)).toEqual([0.1, expect.closeTo(0.3), expect.closeTo(0.5)]);
		expect(lanes.at(-1)?.bottom).toBeCloseTo(0.7);
	});

	it("are as many as can be told apart", () => {
		expect(
			lanesOf(
				series(2, 500, () => 0),
				STAGE_LANES,
			),
		).toHaveLength(MOST_LANES);
	});

	it("are found from a height", () => {
		const twelve = series(2, 12, () => 0);
		lanesOf(twelve, STAGE_LANES).forEach(({ top, bottom }, channel) => {
			expect(channelAt((top + bottom) / 2, twelve)).toBe(channel);
		});
		expect([channelAt(0, twelve), channelAt(1, twelve)]).toEqual([0, 11]);
	});
});

describe("a range", () => {
	it("is of one channel alone", () => {
		const two = series(3, 2, (position, channel) => (channel === 0 ? position : -10 * position));
		expect([rangeOf(two, 0), rangeOf(two, 1)]).toEqual([
			[0, 2],
			[-20, -0],
		]);
	});

	it("leaves out what is no number", () => {
		expect(
			rangeOf(
				series(3, 1, (position) => [Number.NaN, 4, Number.NEGATIVE_INFINITY][position] as number),
				0,
			),
		).toEqual([4, 4]);
		expect(
			rangeOf(
				series(2, 1, () => Number.NaN),
				0,
			),
		).toEqual([0, 0]);
	});
});

describe("a line", () => {
	it("goes through every position where there is room", () => {
		const four = series(4, 2, (position, channel) => 10 * channel + position);
		expect(linePoints(four, 1, 100)).toEqual([
			[0.125, 10],
			[0.375, 11],
			[0.625, 12],
			[0.875, 13],
		]);
	});

	it("are those of a part, with one beyond on each side", () => {
		expect(
			linePoints(
				series(4, 2, () => 0),
				0,
				100,
				0.5,
				0.6,
			).map(([x]) => x),
		).toEqual([0.375, 0.625, 0.875]);
		const long = series(10_000, 1, (position) => position);
		const whole = linePoints(long, 0, 100);
		expect(linePoints(long, 0, 100, 0.5, 0.7)).toEqual(whole.slice(2 * 49, 2 * 71));
	});

	it("keeps the smallest and the largest of each column, in their order", () => {
		const length = 10_000;
		const noisy = series(length, 1, (position) => Math.sin(position * 12.9898) * (position % 97));
		const points = linePoints(noisy, 0, 100);
		expect(points).toHaveLength(200);
		for (let column = 0; column < 100; column++) {
			const stretch = noisy.values.subarray(100 * column, 100 * (column + 1));
			const pair = points.slice(2 * column, 2 * column + 2);
			expect(pair.map(([, value]) => value).sort((a, b) => a - b)).toEqual([
				Math.min(...stretch),
				Math.max(...stretch),
			]);
			expect(pair[0]?.[0]).toBeLessThanOrEqual(pair[1]?.[0] as number);
			for (const [x, value] of pair) expect(noisy.values[Math.floor(x * length)]).toBe(value);
		}
	});
});
