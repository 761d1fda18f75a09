import { expect, it } from "vitest";
import type { Mask } from "../../../src/stage/region/mask";
import { outline } from "../../../src/stage/region/outline";

/** Whether each pixel's centre is inside of the path, counted by the vertical lines to its right. */
function filled(path: string, height: number, width: number): number[] {
	const uprights: [x: number, low: number, high: number][] = [];
	for (const [line] of path.matchAll(/M[^z]*z/g)) {
		const [, startX, startY, rest] = /M(\d+) (\d+)(.*)z/.exec(line) as unknown as [string, string, string, string];
		let [x, y] = [Number(startX), Number(startY)];
		const go = (toX: number, toY: number) => {
			if (toY !== y) uprights.push([x, Math.min(y, toY), Math.max(y, toY)]);
			[x, y] = [toX, toY];
		};
		for (const [, way, to] of rest.matchAll(/([HV])(\d+)/g))
			go(way === "H" ? Number(to) : x, way === "V" ? Number(to) : y);
		expect(x === Number(startX) || y === Number(startY)).toBe(true);
		go(Number(startX), Number(startY));
	}
	return Array.from({ length: height * width }, (_, at) => {
		const [row, column] = [Math.floor(at / width) + 0.5, (at % width) + 0.5];
		return uprights.filter(([x, low, high]) => x > column && low < row && row < high).length % 2;
	});
}

it("goes around one pixel", () => {
	const one: Mask = { height: 3, width: 3, bits: Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0) };
	expect(outline(one)).toBe("M1 1H2V2H1z");
});

it("encloses the marked pixels: with holes, at the edges, where they touch by a corner", () => {
	let seed = 1;
	const random = () => {
		seed = (seed * 16807) % 2147483647;
		return seed / 2147483647;
	};
	for (let round = 0; round < 30; round++) {
		const [height, width] = [1 + Math.floor(8 * random()), 1 + Math.floor(8 * random())];
		const bits = Uint8Array.from({ length: height * width }, () => Number(random() < 0.5));
		expect(filled(outline({ height, width, bits }), height, width)).toEqual([...bits]);
	}
});
