import { describe, expect, it } from "vitest";
import type { Heatmap } from "../../../src/kernel/protocol";
import { barsOf } from "../../../src/tabs/test/bars";
import { formatArrow, formatChange } from "../../../src/tabs/test/change";
import { depends } from "../../../src/tabs/test/disagreement";
import { endOf } from "../../../src/tabs/test/ends";
import { commonScale } from "../../../src/tabs/test/painter";
import { partOf } from "../../../src/tabs/test/parts";

describe("bars", () => {
	it("share an axis that has zero on it", () => {
		expect(barsOf([4, 1])).toEqual([
			{ from: 0, to: 1 },
			{ from: 0, to: 0.25 },
		]);
		expect(barsOf([-1, 3])).toEqual([
			{ from: 0, to: 0.25 },
			{ from: 0.25, to: 1 },
		]);
		expect(barsOf([-2])).toEqual([{ from: 0, to: 1 }]);
	});

	it("have no length where all is zero", () => {
		expect(barsOf([0, 0])).toEqual(Array(2).fill({ from: 0, to: 0 }));
		expect(barsOf([])).toEqual([]);
	});
});

it.each([
	[[-7, -6, -5], 10, false],
	[[-7, -6, -3.4], 10, true],
	[[-7, 6, -5], 10, true],
	[[-4, -2], 10, false],
	[[1e-8, -1e-8], 10, false],
	[[0, 1], 1, true],
])("of changes %j of a score of %d, whether they depend on the replacement is %s", (changes, score, differ) => {
	expect(depends(changes, score)).toBe(differ);
});

it("a change has its sign, and the decimals of its scale", () => {
	expect([7.25, -7.25, 0].map((change) => formatChange(change))).toEqual(["+7.25", "−7.25", "0"]);
	expect([0.0838, -0.998].map((change) => formatChange(change, 1.9))).toEqual(["+0.08", "−1.00"]);
	expect(formatArrow(["89.2%", "<0.1%"])).toBe("89.2 → <0.1%");
});

describe("pictures in one buffer", () => {
	const rgb = Uint8Array.from({ length: 12 }, (_, at) => at);

	it("are cut out once", () => {
		expect([...(partOf(rgb, [1, 2], 1)?.rgb ?? [])]).toEqual([6, 7, 8, 9, 10, 11]);
		expect(partOf(rgb, [1, 2], 1)).toBe(partOf(rgb, [1, 2], 1));
	});

	it("are none beyond its end", () => {
		expect([partOf(rgb, [1, 2], 2), partOf(rgb, [1, 2], -1)]).toEqual([null, null]);
	});
});

describe("the end of a map that a region is", () => {
	const map = { shape: [1, 4], values: Float32Array.of(0.5, -9, 0, 2) } as unknown as Heatmap;
	const mask = (...bits: number[]) => ({ height: 1, width: 4, bits: Uint8Array.from(bits) });

	it.each([
		["strongest", [0, 1, 0, 1]],
		["weakest", [1, 0, 1, 0]],
		[null, [1, 1, 0, 0]],
		[null, [0, 1, 0, 0]],
	])("is %s of %j", (end, bits) => {
		expect(endOf(map, mask(...bits), 50)).toBe(end);
	});

	it("is none of a map of another size", () => {
		expect(endOf({ ...map, shape: [2, 2] }, mask(0, 1, 0, 1), 50)).toBeNull();
	});
});

it("two maps have one scale, which ends at the larger", () => {
	const scale = { top: 2, signed: false, clipped: false, zero: false, empty: false };
	expect(commonScale(scale, { ...scale, top: 5, signed: true })).toMatchObject({ top: 5, signed: true });
	expect(commonScale(scale, { ...scale, top: 5, empty: true })).toBe(scale);
	expect(commonScale(scale, null)).toBe(scale);
});
