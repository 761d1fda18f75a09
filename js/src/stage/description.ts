// A map in words, for who cannot see it.

import type { Heatmap } from "../kernel/protocol";

type Described = Pick<Heatmap, "method" | "target" | "shape" | "values">;

/** "Grad-CAM of wolf: strongest at the bottom left, 12% of it above half of the maximum" */
export function describeMap({ method, target, shape, values }: Described): string {
	let [at, largest, strong] = [0, 0, 0];
	values.forEach((value, index) => {
		const size = Math.abs(value);
		if (size > largest && Number.isFinite(size)) [at, largest] = [index, size];
	});
	if (largest === 0) return `${method} of ${target}: nothing to see`;
	for (const value of values) if (Math.abs(value) > largest / 2 && Number.isFinite(value)) strong++;
	const percent = Math.round((100 * strong) / values.length);
	const share = percent ? `${percent}%` : "less than 1%";
	return `${method} of ${target}: strongest at ${positionInWords(at, shape)}, ${share} of it above half of the maximum`;
}

function positionInWords(at: number, shape: readonly number[]): string {
	const [height = 1, width] = shape.length === 3 ? shape.slice(1) : shape;
	if (width === undefined) return `position ${at}`;
	const inside = at % (height * width);
	const third = (share: number) => Math.floor(3 * share);
	const down = ["top", "", "bottom"][third((Math.floor(inside / width) + 0.5) / height)];
	const across = ["left", "", "right"][third(((inside % width) + 0.5) / width)];
	const words = `the ${[down, across].filter(Boolean).join(" ") || "centre"}`;
	return shape.length === 3 ? `${words} of slice ${Math.floor(at / (height * width))}` : words;
}
