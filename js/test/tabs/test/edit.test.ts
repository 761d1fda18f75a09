import { describe, expect, it } from "vitest";
import type { Mask } from "../../../src/stage/region/mask";
import { draftOf } from "../../../src/tabs/test/edit";

/** 1 x 4 pixels, each of one grey but for their blue. */
const IMAGE = { height: 1, width: 4, rgb: Uint8Array.of(10, 10, 0, 20, 20, 0, 40, 40, 0, 90, 90, 3) };
const BLURRED = Uint8Array.from({ length: 12 }, (_, at) => 100 + at);
const mask = (...bits: number[]): Mask => ({ height: 1, width: 4, bits: Uint8Array.from(bits) });
const drawn = (replace: string, keep: boolean, bits: number[], blurred: Uint8Array | null = BLURRED) => [
	...draftOf(IMAGE, mask(...bits), replace, keep, blurred).rgb,
];

describe("the page's own edit", () => {
	it("takes the pixels of the blurred image inside the region", () => {
		expect(drawn("blur", false, [0, 1, 0, 0])).toEqual([10, 10, 0, 103, 104, 105, 40, 40, 0, 90, 90, 3]);
	});

	it("takes them outside where the region is kept", () => {
		expect(drawn("blur", true, [0, 1, 0, 0])).toEqual([100, 101, 102, 20, 20, 0, 106, 107, 108, 109, 110, 111]);
	});

	it("stands in for what only the kernel can make", () => {
		expect(drawn("sepia", false, [1, 0, 0, 0]).slice(0, 3)).toEqual([100, 101, 102]);
	});

	it.each([
		// The mean of what is not covered: (10 + 40 + 90) / 3 and 1; with keep (20) alone.
		["mean", false, [47, 47, 1]],
		["mean", true, [20, 20, 0]],
		["colour", false, [128, 128, 128]],
	])("of %s, keep %s, is one colour", (replace, keep, colour) => {
		const rgb = drawn(replace, keep, [0, 1, 0, 0]);
		expect(keep ? rgb.slice(0, 3) : rgb.slice(3, 6)).toEqual(colour);
	});

	it("is grey where nothing is left to take a mean of", () => {
		expect(drawn("mean", false, [1, 1, 1, 1])).toEqual(Array(12).fill(128));
	});

	it("takes the mean until the blurred image has come", () => {
		expect(drawn("blur", false, [0, 1, 0, 0], null).slice(3, 6)).toEqual([47, 47, 1]);
	});

	it("leaves the image itself alone", () => {
		drawn("blur", false, [1, 1, 1, 1]);
		expect(IMAGE.rgb[0]).toBe(10);
	});
});
