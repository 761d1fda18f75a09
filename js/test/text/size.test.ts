import { expect, it } from "vitest";
import { formatSize, parseEach, parseSize } from "../../src/text/size";

it.each(["14 × 14", "14x14", "14 X 14", "14*14", "14, 14", " 14 14 "])("%j is fourteen by fourteen", (typed) => {
	expect(parseSize(typed)).toEqual({ value: [14, 14] });
});

it.each(["", "off", "Off"])("%j is off", (typed) => {
	expect(parseSize(typed)).toEqual({ value: null });
});

it.each(["14", "14 × 0", "-3 × 4", "1.5 × 2", "14 × 14 × 3", "none"])("%j is refused", (typed) => {
	expect(parseSize(typed)).toEqual({ problem: "Write rows × columns (14 × 14), or off." });
});

it("writes what it reads", () => {
	expect([null, [14, 7], "odd", [1]].map(formatSize)).toEqual(["off", "14 × 7", "off", "off"]);
});

it.each([
	["8, 16", [8, 16]],
	["8 × 16", [8, 16]],
	[" 8 ", 8],
	["900 -3", [512, 0]],
])("%j is a number, or one for each of two axes, within the ends", (typed, value) => {
	expect(parseEach(typed, 2, 0, 512)).toEqual({ value });
});

it("says how many numbers it takes", () => {
	for (const typed of ["", "8, 16, 3", "a, b", "8,x16y"])
		expect(parseEach(typed, 2, 0, 512)).toEqual({ problem: "Write one number, or 2 (8, 16)." });
	expect(parseEach("8, 16", 3, 0, 512)).toEqual({ problem: "Write one number, or 3 (8, 16, ...)." });
});
