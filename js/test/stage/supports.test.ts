import { signal } from "@preact/signals";
import { beforeEach, expect, it } from "vitest";
import type { Picture, Scores, Series, Supports, ToKernel } from "../../src/kernel/protocol";
import { supportsAt, supportsOf } from "../../src/stage/supports";

const wanted = signal(false);
const input = signal<Picture | Series | null>(null);
const output = signal({ layer: 155 });
const scores = signal<Scores | null>(null);
let sent: ToKernel[] = [];

const picture = (image_idx: number, input_idx = 0): Picture => ({
	kind: "picture",
	image_idx,
	input_idx,
	name: "ouzel1.jpg",
	shape: [4, 6, 3],
	rgb: new Uint8Array(72),
});
const scored = (image_idx: number, layer = 155): Scores => ({
	kind: "scores",
	image_idx,
	layer,
	activation: "softmax",
	values: Float32Array.of(0.75, 0.25),
});
const supports = (changes: Partial<Supports> = {}): Supports => ({
	kind: "supports",
	image_idx: 0,
	input_idx: 0,
	layer: 155,
	classes: [20, 8],
	labels: ["water ouzel", "hen"],
	shape: [2, 3],
	cam_layer: "153 out_relu",
	units: "score, first order",
	values: Float32Array.of(0, 1, 2, 3, 4, 5, 0, -1, -2, -3, -4, -5.5),
	...changes,
});

beforeEach(() => {
	wanted.value = false;
	input.value = picture(0);
	output.value = { layer: 155 };
	scores.value = scored(0);
	sent = [];
});
const open = () => supportsOf({ wanted, input: { input }, output, scores, request: (message) => sent.push(message) });

it("asks once as the tool is taken, and nothing before", () => {
	const state = open();
	expect(sent).toEqual([]);
	wanted.value = true;
	expect(sent).toEqual([{ kind: "probe" }]);
	state.receive(supports());
	expect(sent).toHaveLength(1);
	expect(state.current.value?.labels).toEqual(["water ouzel", "hen"]);
	expect(state.top.value).toBe(5.5);
	state.dispose();
});

it("waits until the kernel has said which classes there are", () => {
	scores.value = null;
	const state = open();
	wanted.value = true;
	expect(sent).toEqual([]);
	scores.value = scored(0);
	expect(sent).toHaveLength(1);
	state.dispose();
});

it("asks anew for another image, input or output, and shows those of no other", () => {
	const state = open();
	wanted.value = true;
	state.receive(supports());
	input.value = picture(1);
	expect(state.current.value).toBeNull();
	scores.value = scored(1);
	expect(sent).toHaveLength(2);
	state.receive(supports({ image_idx: 1 }));
	expect(state.current.value?.image_idx).toBe(1);
	input.value = picture(1, 1);
	expect([state.current.value, sent.length]).toEqual([null, 3]);
	state.receive(supports({ image_idx: 1, input_idx: 1 }));
	output.value = { layer: 9 };
	expect(state.current.value).toBeNull();
	scores.value = scored(1, 9);
	expect(sent).toHaveLength(4);
	state.receive(supports({ image_idx: 1, input_idx: 1, layer: 9, shape: [6] }));
	expect(state.current.value, "an image has two axes").toBeNull();
	state.dispose();
});

it("takes what the kernel tells anew, and puts it away with the tool", () => {
	const state = open();
	wanted.value = true;
	state.receive(supports());
	state.receive(supports({ labels: ["ouzel", "hen"] }));
	expect([state.current.value?.labels, sent.length]).toEqual([["ouzel", "hen"], 1]);
	wanted.value = false;
	expect(state.current.value).toBeNull();
	wanted.value = true;
	expect([state.current.value?.labels, sent.length]).toEqual([["ouzel", "hen"], 2]);
	state.dispose();
	scores.value = scored(0);
	expect(sent).toHaveLength(2);
});

it("reads the values of the cell at a place", () => {
	expect(supportsAt(supports(), [0.99, 0.4])).toEqual({
		cell: [1, 1],
		rows: [
			{ index: 20, label: "water ouzel", value: 4 },
			{ index: 8, label: "hen", value: -4 },
		],
	});
	expect(supportsAt(supports({ shape: [6] }), [0.5]).rows.map(({ value }) => value)).toEqual([3, -3]);
});
