import { expect, it } from "vitest";
import { highEnd, lowEnd, paintBar, STEPS } from "../../src/stage/bar";
import { colormap } from "../../src/stage/colormaps";

const SCALE = { top: 0.5, signed: true, clipped: false, zero: false, empty: false };

it("says the real ends, and that values lie beyond them", () => {
	expect([lowEnd(SCALE), highEnd(SCALE)]).toEqual(["−0.5", "0.5"]);
	expect([lowEnd({ ...SCALE, clipped: true }), highEnd({ ...SCALE, clipped: true })]).toEqual(["≤ −0.5", "≥ 0.5"]);
	expect(lowEnd({ ...SCALE, signed: false, clipped: true })).toBe("0");
});

it("leaves out what is under the threshold", () => {
	const pixels = new Uint8ClampedArray(4 * STEPS);
	paintBar(false, colormap("gray"), 0.5, false, pixels);
	expect([pixels[3], pixels[4 * 127 + 3], pixels[4 * 128 + 3], pixels[4 * 255 + 3]]).toEqual([0, 0, 255, 255]);
	expect([...pixels.subarray(-4)]).toEqual([255, 255, 255, 255]);
});
