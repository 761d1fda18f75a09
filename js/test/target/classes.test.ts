import { describe, expect, it } from "vitest";
import { classLabel, findClasses, topClasses } from "../../src/target/classes";

const LABELS = ["tench", "goldfish", "great white shark", "tiger shark", "hammerhead", "white wolf"];
const SCORES = Float32Array.of(0.1, 0.3, 0.05, 0.4, 0.05, 0.1);

const indices = (found: { index: number }[]) => found.map(({ index }) => index);

it("names a class without a label by its number", () => {
	expect(classLabel(LABELS, 1, { activation: "softmax" })).toBe("goldfish");
	expect(classLabel([], 20, { activation: "sigmoid" })).toBe("class 20");
	expect(classLabel([], 0, { activation: "none" })).toBe("output 0");
});

describe("topClasses", () => {
	it("puts the best first", () => {
		expect(indices(topClasses(SCORES, 3, [null]))).toEqual([3, 1, 0]);
	});

	it("keeps a place for the chosen class", () => {
		expect(indices(topClasses(SCORES, 3, [4]))).toEqual([3, 1, 4]);
		expect(indices(topClasses(SCORES, 3, [1]))).toEqual([3, 1, 0]);
	});

	it("keeps a place for both classes of a difference, best first", () => {
		expect(indices(topClasses(SCORES, 3, [4, 0]))).toEqual([3, 0, 4]);
		expect(indices(topClasses(SCORES, 2, [4, 2]))).toEqual([2, 4]);
		expect(indices(topClasses(SCORES, 3, [4, null]))).toEqual([3, 1, 4]);
	});

	it("takes class 0 for a class", () => {
		expect(indices(topClasses(SCORES, 2, [0]))).toEqual([3, 0]);
	});

	it("knows fewer classes than places, and none", () => {
		expect(indices(topClasses(SCORES.subarray(0, 1), 5, [0]))).toEqual([0]);
		expect(topClasses([], 5, [3])).toEqual([]);
	});
});

describe("findClasses", () => {
	const find = (typed: string) => indices(findClasses(LABELS, 6, SCORES, typed, 10));

	it("shows the best ones before anything is typed", () => {
		expect(find("")).toEqual([3, 1, 0, 5, 2, 4]);
	});

	it("finds by name, those that start so first", () => {
		expect(find("WHITE")).toEqual([5, 2]);
		expect(find("shark")).toEqual([3, 2]);
	});

	it("finds by number", () => {
		expect(find("4")).toEqual([4]);
		expect(indices(findClasses([], 1000, null, "12", 3))).toEqual([12, 120, 121]);
	});

	it("finds nothing where nothing is", () => {
		expect(find("zebra")).toEqual([]);
	});
});
