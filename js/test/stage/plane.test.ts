import { expect, it } from "vitest";
import { MOST_COLUMNS, pixelsOf, planeOf, strongestOf } from "../../src/stage/plane";

const values = Float32Array.from({ length: 24 }, (_, i) => i);

it("is all of an image", () => {
	expect(planeOf({ shape: [4, 6], values }, 0, 1)).toEqual({ values, height: 4, width: 6 });
});

it("is one slice of a volume", () => {
	const plane = planeOf({ shape: [4, 2, 3], values }, 2, 4);
	expect({ ...plane, values: [...plane.values] }).toEqual({ values: [12, 13, 14, 15, 16, 17], height: 2, width: 3 });
	expect(plane.values.buffer).toBe(values.buffer);
});

it("is a row for a signal", () => {
	expect(planeOf({ shape: [24], values }, 0, 1)).toEqual({ values, height: 1, width: 24 });
});

it("keeps the peaks of a signal that is longer than the stage is wide", () => {
	const long = new Float32Array(10 * MOST_COLUMNS);
	long[12_345] = -9;
	long[20_000] = 5;
	const { values: row, width } = planeOf({ shape: [long.length], values: long }, 0, 1);
	expect(width).toBe(MOST_COLUMNS);
	expect([row[1234], row[2000], row.filter((value) => value !== 0).length]).toEqual([-9, 5, 2]);
});

it("has more columns of a long signal where it is enlarged, as many as a canvas can have", () => {
	const long = Float32Array.from({ length: 20_000 }, (_, i) => i);
	const widths = [1, 1.5, 32].map((scale) => planeOf({ shape: [20_000], values: long }, 0, 1, scale).width);
	expect(widths).toEqual([2048, 3072, 16384]);
});

it("leaves no value out, in stretches of unequal length", () => {
	const shown = strongestOf(
		Float32Array.from({ length: 7 }, (_, i) => i + 1),
		3,
	);
	expect([...shown]).toEqual([2, 4, 7]);
	expect([...strongestOf(Float32Array.of(Number.NaN, 1, Number.NaN, Number.NaN), 2)]).toEqual([1, Number.NaN]);
});

it("cuts the pixels of a volume, and leaves those of an image", () => {
	const rgb = Uint8Array.from({ length: 36 }, (_, i) => i);
	const about = { kind: "picture", image_idx: 0, input_idx: 0, name: "" } as const;
	expect([...pixelsOf({ ...about, shape: [3, 2, 2, 3], rgb }, 1).rgb]).toEqual([...rgb.subarray(12, 24)]);
	expect(pixelsOf({ ...about, shape: [3, 4, 3], rgb }, 1)).toEqual({ rgb, height: 3, width: 4 });
});
