import { expect, it } from "vitest";
import {
	formatBytes,
	formatCount,
	formatEnd,
	formatMilliseconds,
	formatShape,
	formatShare,
	formatValue,
} from "../../src/text/format";

it.each([
	[0, "0"],
	[11.3456, "11.3"],
	[-0.04211, "−0.0421"],
	[1234.5, "1230"],
	[1.2e-7, "1.2e−7"],
	[-2.5e8, "−2.5e+8"],
])("the end %d is %s", (value, text) => {
	expect(formatEnd(value)).toBe(text);
});

it.each([
	[0.4217, 11.3, "0.42"],
	[-2.8456, 7.5, "−2.85"],
	[0.4217, 0.5, "0.422"],
	[0.00123, 0.005, "0.00123"],
	[123.4, 400, "123"],
	[3e-9, 1e-8, "3.00e−9"],
	[0, 0, "0.00"],
	[Number.NaN, 1, "not a number"],
])("%d on a scale to %d is %s", (value, top, text) => {
	expect(formatValue(value, top)).toBe(text);
});

it.each([
	[0.917, "91.7%"],
	[0, "0.0%"],
	[0.0001, "<0.1%"],
	[1, "100.0%"],
])("the share %d is %s", (share, text) => {
	expect(formatShare(share)).toBe(text);
});

it.each([
	[9, "9"],
	[4200, "4200"],
	[42_000, "42 k"],
	[3_538_984, "3.5 M"],
	[1.5e9, "1.5 G"],
])("%d parameters are %s", (count, text) => {
	expect(formatCount(count)).toBe(text);
});

it("writes shapes, times and sizes", () => {
	expect(formatShape([7, 7, 1280])).toBe("7×7×1280");
	expect(formatShape([null, 3])).toBe("?×3");
	expect(formatMilliseconds(37.6)).toBe("38 ms");
	expect(formatMilliseconds(12_340)).toBe("12.3 s");
	expect(formatBytes(900)).toBe("1 kB");
	expect(formatBytes(12_300_000)).toBe("12.3 MB");
});
