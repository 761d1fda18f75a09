import { expect, it } from "vitest";
import { describeMap } from "../../src/stage/description";

function described(shape: number[], peaks: Record<number, number>): string {
	const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
	for (const [place, value] of Object.entries(peaks)) values[Number(place)] = value;
	return describeMap({ method: "Grad-CAM", target: "wolf", shape, values });
}

it.each([
	// 6 rows of 10: place 10 y + x.
	["the bottom left", [6, 10], { 51: 4 }, "2%"],
	["the top right", [6, 10], { 9: -4, 30: 1 }, "2%"],
	["the centre", [6, 10], { 35: 4, 34: 3, 33: 2 }, "3%"],
	["the top", [6, 10], { 5: 4 }, "2%"],
	["position 7", [20], { 7: 1 }, "5%"],
	["the top left of slice 1", [2, 10, 10], { 100: 1 }, "1%"],
	["the top left", [30, 30], { 0: 1 }, "less than 1%"],
])("strongest at %s", (place, shape, peaks, share) => {
	expect(described(shape, peaks as Record<number, number>)).toBe(
		`Grad-CAM of wolf: strongest at ${place}, ${share} of it above half of the maximum`,
	);
});

it("says where there is nothing, and passes over what is no number", () => {
	expect(described([2, 2], {})).toBe("Grad-CAM of wolf: nothing to see");
	expect(described([2, 2], { 0: Number.NaN, 1: Number.POSITIVE_INFINITY })).toBe("Grad-CAM of wolf: nothing to see");
	expect(described([2, 2], { 0: Number.NaN, 3: 1 })).toContain("the bottom right, 25%");
});
