import { expect, it } from "vitest";
import { firstFilter, formatFilters, parseFilters } from "../../src/target/filters";

it.each([
	["20", 20],
	[" 3, 5, 7 ", [3, 5, 7]],
	["3 5", [3, 5]],
	["4, 4", 4],
	["all", null],
	["0", 0],
])("%j means %j", (typed, filters) => {
	expect(parseFilters(typed, 32)).toEqual({ value: filters });
});

it.each(["", "a", "1.5", "-1", "3, x", "all, 3"])("%j is not understood", (typed) => {
	expect(parseFilters(typed, 32)).toEqual({ problem: "Write numbers (3, 5, 7), all or best." });
});

it("says how many filters there are", () => {
	expect(parseFilters("3, 32", 32)).toEqual({ problem: "There is no filter 32: they are 0 to 31." });
});

it("writes what it reads", () => {
	expect([null, 20, [3, 5]].map(formatFilters)).toEqual(["all", "20", "3, 5"]);
	expect([null, 20, [3, 5], []].map(firstFilter)).toEqual([0, 20, 3, 0]);
});
