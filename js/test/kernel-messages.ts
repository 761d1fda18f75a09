// Messages as a kernel would send them, for tests that need one that is right in all but one point.

import type { QuestionControls } from "../src/kernel/traits";
import { QUESTION_CONTROLS } from "../src/kernel/traits";
import type { FakeModel } from "./fake-model";

export function askedBy(fake: FakeModel): QuestionControls {
	return Object.fromEntries(QUESTION_CONTROLS.map((name) => [name, fake.get(name)])) as unknown as QuestionControls;
}

/** A 2 x 3 map that answers what the controls ask now, but for what `changes` say. */
export function mapMessage(fake: FakeModel, changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		kind: "map",
		pane: "explain",
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
		progress: 1,
		final: true,
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
	fake.tell({ kind: "picture", image_idx, input_idx: 0, name: "ouzel1.jpg", shape: [2, 3, 3] }, rgb);
}

/** 4 slices of 2 x 3 pixels; all bytes of a slice are ten times its number. */
export function sendVolume(fake: FakeModel, input_idx = 0): void {
	const rgb = Uint8Array.from({ length: 72 }, (_, i) => 10 * Math.floor(i / 18));
	fake.tell({ kind: "picture", image_idx: 0, input_idx, name: "scan", shape: [4, 2, 3, 3] }, rgb);
}

/** 8 positions of two channels: 0, 1, .. 7 and 0, -10, .. -70. */
export function sendSignal(fake: FakeModel): void {
	const values = Float32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? i / 2 : -10 * ((i - 1) / 2)));
	fake.tell({ kind: "signal", image_idx: 0, input_idx: 0, name: "beat 7", shape: [8, 2] }, values);
}

/** The best of 1000 classes are 20, 91, 13, 80, 18. */
export function sendScores(fake: FakeModel, layer = 155): void {
	const scores = new Float32Array(1000);
	[20, 91, 13, 80, 18].forEach((index, rank) => {
		scores[index] = 0.5 / (rank + 1);
	});
	fake.tell({ kind: "scores", image_idx: 0, layer, activation: "softmax" }, scores);
}
