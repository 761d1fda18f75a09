import { describe, expect, it } from "vitest";
import examples from "../../../../tests/regions.json";
import { blankMask, fromWire } from "../../../src/stage/region/mask";
import { type Share, shareOf } from "../../../src/stage/region/share";

describe("the share is what Python says:", () => {
	it.each(examples.shares.map((example) => [example.why, example] as const))("%s", (_, example) => {
		const { size, bits, values, sentence } = example;
		const map = { shape: size, values: Float32Array.from(values.map((value) => value ?? Number.NaN)) };
		const share = shareOf(map, fromWire({ size: size as [number, number], bits })) as Share;
		for (const name of ["positive", "negative", "absolute", "area", "ratio"] as const) {
			if (example[name] === null) expect(share[name], name).toBeNaN();
			else expect(share[name], name).toBeCloseTo(example[name], 12);
		}
		expect(share.sentence).toBe(sentence);
	});
});

it("has none where nothing is marked, or the map is of other pixels", () => {
	const map = { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) };
	expect(shareOf(map, null)).toBeNull();
	expect(shareOf(map, blankMask(2, 2))).toBeNull();
	const marked = { height: 1, width: 4, bits: Uint8Array.of(1, 0, 0, 0) };
	expect(shareOf(map, marked)).toBeNull();
	expect(shareOf({ ...map, shape: [4] }, marked)).toBeNull();
});
