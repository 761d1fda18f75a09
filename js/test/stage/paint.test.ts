import { describe, expect, it } from "vitest";
import { colormap } from "../../src/stage/colormaps";
import {
	emptinessOf,
	entry,
	paint,
	paintGray,
	paintPicture,
	type Scale,
	type Style,
	scaleOf,
} from "../../src/stage/paint";

const magnitude: Scale = { top: 4, signed: false, clipped: false, zero: false, empty: false };
const signed: Scale = { top: 4, signed: true, clipped: false, zero: false, empty: false };
const inferno: Style = { colors: colormap("inferno"), opacity: 1, threshold: 0, alone: false };
const diverging: Style = { ...inferno, colors: colormap("RdBu_r") };

function painted(values: number[], scale: Scale, style: Style): number[][] {
	const out = new Uint8ClampedArray(4 * values.length);
	paint(Float32Array.from(values), scale, style, out);
	return values.map((_, i) => [...out.subarray(4 * i, 4 * i + 4)]);
}

function color(style: Style, at: number): number[] {
	return [...style.colors.rgb.subarray(3 * at, 3 * at + 3)];
}

describe("scaleOf", () => {
	it("ends where the kernel says, and sees whether values lie beyond", () => {
		const values = Float32Array.of(1, -5, 3);
		expect(scaleOf(values, true, 5)).toEqual({ top: 5, signed: true, clipped: false, zero: false, empty: false });
		expect(scaleOf(values, true, 4.5)).toEqual({ top: 4.5, signed: true, clipped: true, zero: false, empty: false });
	});

	it.each([[[0, 0, 0]], [[1e-33, -1e-31, 0]]])("says that %j is zero", (values) => {
		expect(scaleOf(Float32Array.from(values), true, 0).zero).toBe(true);
	});

	it("does not call a small map zero, and does not count what is no number", () => {
		const values = Float32Array.of(1e-20, Number.NaN, Number.POSITIVE_INFINITY);
		expect(scaleOf(values, false, Math.fround(1e-20))).toEqual({
			top: Math.fround(1e-20),
			signed: false,
			clipped: false,
			zero: false,
			empty: false,
		});
	});

	it("is not zero where no value is a number", () => {
		const scale = scaleOf(Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY), true, 0);
		expect(scale).toMatchObject({ zero: false, empty: true });
		expect(emptinessOf(scale)).toBe("the map has no finite value");
		expect(emptinessOf(scaleOf(Float32Array.of(0, 0), true, 0))).toBe("the map is zero");
		expect(emptinessOf(scaleOf(Float32Array.of(0, 1), true, 1))).toBe("");
	});
});

describe("entry", () => {
	it.each([
		["magnitude, sequential", magnitude, false, [0, 2, 4, 9, -1], [0, 128, 255, 255, 0]],
		["signed, diverging", signed, true, [-9, -4, 0, 4, 9], [1, 1, 128, 255, 255]],
		["magnitude, diverging", magnitude, true, [0, 4], [128, 255]],
		["signed, sequential", signed, false, [-4, 0, 4], [0, 128, 255]],
	])("%s", (_, scale, isDiverging, values, entries) => {
		expect(values.map((value) => entry(value, scale, isDiverging))).toEqual(entries);
	});

	it("treats both signs alike", () => {
		for (const value of [0.01, 0.5, 1.3, 3.9]) {
			const [up, down] = [entry(value, signed, true), entry(-value, signed, true)];
			expect(up - 128).toBeCloseTo(128 - down, 0);
		}
	});
});

describe("paint", () => {
	it("gives zero exactly the neutral colour of a diverging map", () => {
		const [pixel] = painted([0], signed, diverging);
		expect(pixel?.slice(0, 3)).toEqual(color(diverging, 128));
		const [red = 0, green = 0, blue = 0] = pixel ?? [];
		expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(2);
	});

	it("gives the ends the end colours", () => {
		expect(painted([0, 4], magnitude, inferno)).toEqual([
			[...color(inferno, 0), 255],
			[...color(inferno, 255), 255],
		]);
		expect(painted([-4, 4], signed, diverging).map((pixel) => pixel.slice(0, 3))).toEqual([
			color(diverging, 1),
			color(diverging, 255),
		]);
	});

	it("paints with the opacity, and not at all under the threshold, whatever the sign", () => {
		const style = { ...diverging, opacity: 0.5, threshold: 0.25 };
		const alphas = painted([0, 0.99, 1, -0.99, -1, 4], signed, style).map(([, , , alpha]) => alpha);
		expect(alphas).toEqual([0, 0, 128, 0, 128, 128]);
	});

	it("paints a map that stands alone opaque, with the colour of zero under the threshold", () => {
		const style = { ...inferno, opacity: 0.3, threshold: 0.5, alone: true };
		expect(painted([1, 4], magnitude, style)).toEqual([
			[...color(inferno, 0), 255],
			[...color(inferno, 255), 255],
		]);
	});

	it("leaves what is no number transparent", () => {
		const alphas = painted([Number.NaN, Number.POSITIVE_INFINITY, 4], magnitude, { ...inferno, alone: true });
		expect(alphas.map(([, , , alpha]) => alpha)).toEqual([0, 0, 255]);
	});
});

it("paints a picture as it is", () => {
	const out = new Uint8ClampedArray(8);
	paintPicture(Uint8Array.of(1, 2, 3, 4, 5, 6), 0.5, out);
	expect([...out]).toEqual([1, 2, 3, 128, 4, 5, 6, 128]);
});

it("paints grey bytes through a colour table", () => {
	const out = new Uint8ClampedArray(8);
	paintGray(Uint8Array.of(0, 255), inferno.colors, out);
	expect([...out]).toEqual([...color(inferno, 0), 255, ...color(inferno, 255), 255]);
});
