// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import type { Series } from "../../src/kernel/protocol";
import { lanesOf, STAGE_LANES } from "../../src/stage/lanes";
import { drawSeries } from "../../src/stage/lines";
import { type Drawing, drawing, fakeCanvas } from "../canvas";

beforeEach(fakeCanvas);

const PEN = { ink: "black", surface: "white", font: "11px sans" };

function drawn(channels: number, values: number[], size = { width: 400, height: 300 }, first = 0): Drawing {
	const canvas = document.createElement("canvas");
	const context = canvas.getContext("2d") as CanvasRenderingContext2D;
	context.scale(1, 1);
	const shape: Series["shape"] = [values.length / channels, channels];
	const series: Series = {
		kind: "signal",
		image_idx: 0,
		input_idx: 0,
		name: "",
		shape,
		values: Float32Array.from(values),
	};
	drawSeries(context, series, size, PEN, first);
	return drawing(canvas) as Drawing;
}

it("draws each channel in its lane, its largest value on top", () => {
	const { paths } = drawn(2, [0, 0, 1, -50, 2, -100, 3, -150]);
	const lanes = lanesOf({ shape: [4, 2] } as Series, STAGE_LANES);
	expect(paths).toHaveLength(2);
	paths.forEach((path, channel) => {
		const heights = path.map(([, y]) => y);
		expect(Math.min(...heights)).toBeCloseTo((lanes[channel]?.top as number) * 300 + 3);
		expect(Math.max(...heights)).toBeCloseTo((lanes[channel]?.bottom as number) * 300 - 3, 1);
		expect(path.at(-1)?.[0]).toBeCloseTo(400 * (3.5 / 4));
	});
	// Channel 0 rises, channel 1 falls.
	expect(paths.map((path) => Math.sign((path[0]?.[1] as number) - (path.at(-1)?.[1] as number)))).toEqual([1, -1]);
});

it("writes the ends of each scale, the channels, and the positions", () => {
	expect(drawn(2, [0, 0, 1, -50, 2, -100, 3, -150]).words).toEqual([
		"3",
		"0",
		"channel 0",
		"0",
		"−150",
		"channel 1",
		"0",
		"3",
	]);
	expect(drawn(1, [2, 2, 2]).words).toEqual(["2", "0", "2"]);
});

it("writes only numbers of channels where lanes are thin, and nothing on a thumbnail", () => {
	const values = Array.from({ length: 36 }, (_, i) => i);
	expect(drawn(12, values).words).toEqual([...Array(12).keys(), 0, 2].map(String));
	expect(drawn(12, values, { width: 32, height: 32 }).words).toEqual([]);
});

it("leaves a gap at what is no number", () => {
	const { paths } = drawn(1, [0, 1, Number.NaN, 1, 0]);
	const xs = paths[0]?.map(([x]) => x / 80 - 0.5);
	// A point that follows a gap is there twice: moved to, and a dot.
	expect(xs).toEqual([0, 0, 1, 3, 3, 4]);
});

it("draws the last of 512 channels as well, under its own number", () => {
	const values = Array.from({ length: 2 * 512 }, (_, i) => i);
	const { paths, words } = drawn(512, values, { width: 400, height: 900 }, 480);
	expect(paths).toHaveLength(32);
	expect(words).toContain("511");
	expect(words).not.toContain("479");
});
