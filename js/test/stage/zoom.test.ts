import { describe, expect, it } from "vitest";
import { FITTING, moved, showing, type Zoom, zoomedAt } from "../../src/stage/zoom";

/** Where a place of the picture shows, in shares of the picture as it fits. */
function seen({ scale, x, y }: Zoom, place: { x: number; y: number }): [number, number] {
	return [0.5 + (place.x - 0.5) * scale + x, 0.5 + (place.y - 0.5) * scale + y];
}

describe("zoomedAt", () => {
	it("keeps what lies under the pointer where it is", () => {
		const place = { x: 0.3, y: 0.6 };
		const once = zoomedAt(FITTING, 2, place);
		const twice = zoomedAt(once, 1.7, place);
		expect(twice.scale).toBeCloseTo(3.4);
		for (const zoom of [once, twice]) {
			expect(seen(zoom, place)[0]).toBeCloseTo(0.3);
			expect(seen(zoom, place)[1]).toBeCloseTo(0.6);
		}
	});

	it("never shows what is beside the picture, and ends where it fits", () => {
		const corner = { x: 0, y: 1 };
		const out = zoomedAt(zoomedAt(FITTING, 4, corner), 0.5, { x: 1, y: 0 });
		expect(seen(out, { x: 0, y: 0 }).every((at) => at <= 0)).toBe(true);
		expect(seen(out, { x: 1, y: 1 }).every((at) => at >= 1)).toBe(true);
		expect(zoomedAt(out, 0.1, corner)).toBe(FITTING);
		expect(zoomedAt(FITTING, 1e9, corner).scale).toBe(32);
	});
});

it("is moved up to the edges", () => {
	expect(moved({ scale: 3, x: 0, y: 0 }, 0.4, -7)).toEqual({ scale: 3, x: 0.4, y: -1 });
	expect(moved(FITTING, 0.4, 0.4)).toEqual(FITTING);
});

it("brings a place into sight that lay outside", () => {
	const zoom = { scale: 4, x: 1.5, y: 1.5 };
	expect(seen(zoom, { x: 0.9, y: 0.1 })[0]).toBeGreaterThan(1);
	const after = showing(zoom, { x: 0.9, y: 0.1 });
	expect(seen(after, { x: 0.9, y: 0.1 })[0]).toBeCloseTo(1);
	expect(after.y).toBe(1.5);
});
