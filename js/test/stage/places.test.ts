import { describe, expect, it } from "vitest";
import {
	cellAt,
	flatIndex,
	formatCell,
	indicesAt,
	parseCell,
	sharesOf,
	sliceOf,
	strongestSlice,
} from "../../src/stage/places";

describe("a place on the stage", () => {
	const probe = { x: 0.75, y: 0.25 };

	it("has as many shares as the input has axes, the slowest first", () => {
		expect(sharesOf(probe, 1, 0, 1)).toEqual([0.75]);
		expect(sharesOf(probe, 2, 0, 1)).toEqual([0.25, 0.75]);
		expect(sharesOf(probe, 3, 5, 8)).toEqual([5.5 / 8, 0.25, 0.75]);
	});

	it("lies in a pixel, never beyond the last", () => {
		expect(indicesAt([0.25, 0.75], [224, 112])).toEqual([56, 84]);
		expect(indicesAt([1, -0.1], [10, 10])).toEqual([9, 0]);
	});

	it("is found again in a flat array", () => {
		const sizes = [4, 2, 3];
		const all = sizes.reduce((product, size) => product * size);
		const found = Array.from({ length: all }, (_, flat) =>
			flatIndex([Math.floor(flat / 6), Math.floor(flat / 3) % 2, flat % 3], sizes),
		);
		expect(found).toEqual([...Array(all).keys()]);
	});

	it.each([
		["an image", [0.5, 0.99], [7, 7], [3, 6]],
		["a signal", [0.5], [250], [125]],
		["a volume", [0.9, 0, 0.5], [8, 16, 16], [7, 0, 8]],
		["an image over a vector", [0.5, 0.5], null, null],
		["an image over tokens", [0.5, 0.5], [196], null],
		["a map of unknown size", [0.5, 0.5], [7, null], null],
	])("of %s lies over a cell", (_, shares, cells, cell) => {
		expect(cellAt(shares, cells)).toEqual(cell);
	});
});

describe("a typed cell", () => {
	it.each([
		["3, 4", [7, 7], [3, 4]],
		[" 3 4 ", [7, 7], [3, 4]],
		["0", [250], [0]],
		["2;3;4", [8, 16, 16], [2, 3, 4]],
		["9, 99", [null, null], [9, 99]],
		["all", [7, 7], null],
		["", [7, 7], null],
	])("%j of %j is %j", (typed, cells, value) => {
		expect(parseCell(typed, cells)).toEqual({ value });
	});

	it.each([
		["3", [7, 7], "Write row and column (3, 4), or all."],
		["3, 4", [250], "Write a position (3), or all."],
		["3, 4", [8, 16, 16], "Write slice, row and column (2, 3, 4), or all."],
		["-1, 2", [7, 7], "Write row and column (3, 4), or all."],
		["3, 7", [7, 7], "There is no cell 7: they are 0 to 6."],
	])("%j of %j is refused", (typed, cells, problem) => {
		expect(parseCell(typed, cells)).toEqual({ problem });
	});

	it("is written as it is read", () => {
		expect([null, [3, 4], [7]].map(formatCell)).toEqual(["all", "3, 4", "7"]);
	});
});

describe("slices", () => {
	it("the strongest has the largest magnitudes, whatever their signs", () => {
		expect(strongestSlice(Float32Array.of(1, 1, -3, -2, 4, 0), 3)).toBe(1);
		expect(strongestSlice(Float32Array.of(0, 1, Number.NaN, Number.POSITIVE_INFINITY, 0, 2), 3)).toBe(2);
	});

	it("the middle one stands for a map of zeros", () => {
		expect(strongestSlice(new Float32Array(10), 5)).toBe(2);
	});

	it.each([
		[0, 4, 4, 0],
		[3, 4, 4, 3],
		[5, 8, 4, 2],
		[7, 8, 1, 0],
		[1, 2, 8, 6],
	])("slice %d of %d lies in map slice of %d: %d", (at, depth, count, slice) => {
		expect(sliceOf(at, depth, count)).toBe(slice);
	});
});
