import { expect, it } from "vitest";
import type { Scores } from "../../src/kernel/protocol";
import { withScores } from "../../src/target/scores";

const of = (image_idx: number, layer: number): Scores => ({
	...{ kind: "scores", image_idx, layer, activation: "softmax", values: Float32Array.of(image_idx) },
});

it("keeps those of every output, of one image", () => {
	const both = withScores(withScores(new Map(), of(0, 2)), of(0, 3));
	expect([...both.keys()]).toEqual([2, 3]);
	const next = withScores(both, of(1, 3));
	expect([...next].map(([layer, { image_idx }]) => [layer, image_idx])).toEqual([[3, 1]]);
	expect(both.size).toBe(2);
});
