// Messages as a kernel would send them, for tests that need one that is right in all but one point.

import type { Question } from "../src/traits";
import { QUESTION_NAMES } from "../src/traits";
import type { FakeModel } from "./fake-model";

export function askedBy(fake: FakeModel): Question {
	return Object.fromEntries(QUESTION_NAMES.map((name) => [name, fake.get(name)])) as unknown as Question;
}

/** A 2 x 3 map that answers what the controls ask now, but for what `changes` say. */
export function mapMessage(fake: FakeModel, changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		kind: "map",
		seq: 1,
		query: "q1",
		asked: askedBy(fake),
		shape: [2, 3],
		signed: false,
		top: 5,
		units: "logit",
		method: "grad_cam",
		target: "water ouzel",
		ms: 38,
		passes: 1,
		notes: [],
		final: true,
		python: "visualize_cam(model, 155, 20, image)",
		picture: false,
		...changes,
	};
}

export const MAP_VALUES = Float32Array.of(0, 1, 2, 3, 4, 5);

export function sendMap(fake: FakeModel, changes: Record<string, unknown> = {}, values = MAP_VALUES): void {
	const top = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
	fake.tell(mapMessage(fake, { top, ...changes }), values);
}

export function sendPicture(fake: FakeModel, image_idx = 0): void {
	const rgb = Uint8Array.from({ length: 18 }, (_, i) => i);
	fake.tell({ kind: "picture", image_idx, name: "ouzel1.jpg", shape: [2, 3, 3] }, rgb);
}

/** The best of 1000 classes are 20, 91, 13, 80, 18. */
export function sendScores(fake: FakeModel): void {
	const scores = new Float32Array(1000);
	[20, 91, 13, 80, 18].forEach((index, rank) => {
		scores[index] = 0.5 / (rank + 1);
	});
	fake.tell({ kind: "scores", image_idx: 0, activation: "softmax" }, scores);
}
