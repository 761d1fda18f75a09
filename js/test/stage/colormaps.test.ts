import { expect, it } from "vitest";
import { COLORMAP_NAMES, colormap, fittingColormap } from "../../src/stage/colormaps";

it.each(COLORMAP_NAMES)("%s has 256 colours", (name) => {
	expect(colormap(name).rgb).toHaveLength(768);
});

it.each(COLORMAP_NAMES.filter((name) => colormap(name).diverging))(
	"%s is neutral in the middle, not at the ends",
	(name) => {
		const spread = (at: number) => {
			const three = colormap(name).rgb.subarray(3 * at, 3 * at + 3);
			return Math.max(...three) - Math.min(...three);
		};
		expect(spread(128)).toBeLessThanOrEqual(16);
		expect(spread(1)).toBeGreaterThan(60);
		expect(spread(255)).toBeGreaterThan(60);
	},
);

it.each(COLORMAP_NAMES.filter((name) => colormap(name).diverging))(
	"%s is red for what is positive and blue for what is negative, as every other",
	(name) => {
		const { rgb } = colormap(name);
		// The first entries past the neutral ones are still nearly grey.
		for (let step = 24; step < 128; step++) {
			const [up, down] = [3 * (128 + step - 1), 3 * (128 - step)];
			expect((rgb[up] as number) - (rgb[up + 2] as number)).toBeGreaterThan(0);
			expect((rgb[down + 2] as number) - (rgb[down] as number)).toBeGreaterThan(0);
		}
	},
);

it("offers no rainbow", () => {
	expect(COLORMAP_NAMES).not.toContain("jet");
	expect(COLORMAP_NAMES).toEqual(expect.arrayContaining(["inferno", "viridis", "magma", "cividis", "gray", "RdBu_r"]));
});

it.each([
	["", false, false, "inferno"],
	["", false, true, "inferno"],
	["", true, false, "RdBu_r"],
	["", true, true, "berlin"],
	["viridis", true, true, "viridis"],
	["constructor", false, false, "inferno"],
])("%j for signed=%s on dark=%s is %s", (name, signed, dark, chosen) => {
	expect(fittingColormap(name, signed, dark).name).toBe(chosen);
});
