// What a kernel says about dreams, for the tests.

import type { Dream, Frame } from "../../../src/tabs/dream/protocol";
import type { FakeModel } from "../../fake-model";

export function dreamMessage(changes: Partial<Dream> = {}): Dream {
	return {
		kind: "dream",
		id: 7,
		form: "single",
		state: "running",
		step: 0,
		steps: 256,
		titles: ["water ouzel"],
		filters: [20],
		text: "",
		notes: [],
		python: "salwidget.dream(model, 155, 20)",
		...changes,
	};
}

type FrameChanges = Partial<Frame> & { count?: number; shape?: number[]; rgb?: Uint8Array };

/** A frame of `count` images of 1 x 2 pixels, all bytes of which are the step. */
export function frameMessage({ count = 1, shape, rgb, ...changes }: FrameChanges = {}): Frame {
	const step = changes.step ?? 1;
	return {
		kind: "frame",
		id: 7,
		step,
		offset: 0,
		inputs: [{ shape: shape ?? [count, 1, 2, 3], rgb: rgb ?? new Uint8Array(6 * count).fill(step) }],
		scores: Array.from({ length: count }, (_, at) => step + at / 2),
		...changes,
	};
}

export function gridMessage(count: number, changes: Partial<Dream> = {}): Dream {
	const filters = Array.from({ length: count }, (_, at) => at);
	return dreamMessage({ form: "grid", steps: 8, titles: filters.map((at) => `filter ${at}`), filters, ...changes });
}

export function tellDream(fake: FakeModel, changes: Partial<Dream> = {}): void {
	fake.tell(dreamMessage(changes));
}

export function tellFrame(fake: FakeModel, changes: Parameters<typeof frameMessage>[0] = {}): void {
	const { inputs, ...content } = frameMessage(changes);
	fake.tell({ ...content, inputs: inputs.map(({ shape }) => ({ shape })) }, ...inputs.map(({ rgb }) => rgb));
}

/** Two patches, weights of 1 x 1 and a map of 1 x 2. */
export function tellCard(fake: FakeModel, id: number, place: number): void {
	const patch = { name: "ouzel2.jpg", image_idx: 1, score: 4.5, box: [0.25, 0.125, 0.5, 0.75], shape: [1, 1] };
	const patches = [patch, { ...patch, name: "<b>bear</b>", image_idx: 2, score: 2 }];
	const content = {
		kind: "dream_card",
		id,
		place,
		title: `Conv1 filter ${place}`,
		weights: [1, 1],
		map: [1, 2],
		patches,
	};
	const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
	fake.tell(content, bytes(3, 10), bytes(6, 20), bytes(3, 30), bytes(3, 40));
}
