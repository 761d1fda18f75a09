// The edge of a region as the path of an SVG, in pixels. Pure.

import type { Mask } from "./mask";

/** Closed lines along the sides of pixels, with the region at their right hand; with evenodd its inside is filled. */
export function outline({ height, width, bits }: Mask): string {
	const across = width + 1;
	const inside = (row: number, column: number) =>
		row >= 0 && row < height && column >= 0 && column < width && bits[row * width + column] === 1;
	/** Where the sides that begin at a corner lead: one, or two where pixels touch by a corner only. */
	const sides = new Map<number, number[]>();
	const add = (from: number, to: number) => {
		const there = sides.get(from);
		if (there) there.push(to);
		else sides.set(from, [to]);
	};
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			if (!bits[row * width + column]) continue;
			const corner = row * across + column;
			if (!inside(row - 1, column)) add(corner, corner + 1);
			if (!inside(row, column + 1)) add(corner + 1, corner + 1 + across);
			if (!inside(row + 1, column)) add(corner + 1 + across, corner + across);
			if (!inside(row, column - 1)) add(corner + across, corner);
		}
	}
	let path = "";
	for (const [start, leading] of sides) {
		while (leading.length > 0) {
			path += `M${start % across} ${Math.floor(start / across)}`;
			let [at, step] = [start, 0];
			do {
				const next = sides.get(at)?.pop() as number;
				// A straight line is one piece.
				if (step !== 0 && next - at !== step) path += corner(at, across, step);
				[step, at] = [next - at, next];
			} while (at !== start);
			path += "z";
		}
	}
	return path;
}

function corner(at: number, across: number, step: number): string {
	return Math.abs(step) === 1 ? `H${at % across}` : `V${Math.floor(at / across)}`;
}
