// The front end in a bare page, with a pretended kernel: `npm run harness` serves it on this machine.
// ?case=... chooses one of the cases below; window.PHOTO = {shape, rgb (base64)} may bring a picture.

import widget from "../src/index";
import type { FilterIndices, QuestionControls, Traits } from "../src/kernel/traits";
import { QUESTION_CONTROLS } from "../src/kernel/traits";
import { FakeModel } from "../test/fake-model";
import { mobileTraits } from "../test/network";
import { traitsOf } from "./cases";
import { dreamer } from "./dreams";
import { gradient, heartbeat, heartbeatMap, hollowMap, type Photo, voxels } from "./inputs";

const name = new URLSearchParams(location.search).get("case") ?? "";
const photo = (globalThis as { PHOTO?: Photo }).PHOTO ?? gradient(224, 224);
const fake = new FakeModel({ ...mobileTraits(), ...traitsOf(name) });
const { layers, outputs, inputs } = fake.get("network") as Traits["network"];
const space = inputs[0]?.space;
const [LENGTH, DEPTH, SIZE] = [1000, 32, 64];
const shape = space === 1 ? [LENGTH] : space === 3 ? [DEPTH, SIZE, SIZE] : photo.shape.slice(0, 2);
const [height = 1, width = 1] = shape.slice(-2);
let seq = 0;

function question(): QuestionControls {
	return Object.fromEntries(QUESTION_CONTROLS.map((key) => [key, fake.get(key)])) as unknown as QuestionControls;
}

/** Some 7×7 cells, enlarged smoothly: a map that looks like a Grad-CAM. */
function blobs(filters: FilterIndices, signed: boolean): Float32Array {
	const at = Array.isArray(filters) ? (filters[0] ?? 0) : (filters ?? 0);
	const cells = [0.2, 0.35, 0.62].map((y, n) => ({ y, x: 0.32 + 0.09 * ((n * 7 + at) % 5), size: 0.14 - 0.03 * n }));
	return Float32Array.from({ length: width * height }, (_, i) => {
		const x = (i % width) / width;
		const y = Math.floor(i / width) / height;
		const value = cells.reduce((sum, cell, n) => {
			const far = ((x - cell.x) ** 2 + (y - cell.y) ** 2) / cell.size ** 2;
			return sum + (signed && n === 1 ? -1 : 1) * 7 * Math.exp(-far);
		}, 0);
		return value;
	});
}

function valuesOf(asked: QuestionControls, signed: boolean): Float32Array {
	if (space === 1) return heartbeatMap(LENGTH);
	return space === 3 ? hollowMap(DEPTH, SIZE) : blobs(asked.filter_indices, signed);
}

function answer(): void {
	const asked = question();
	seq += 1;
	const mine = seq;
	fake.tell({ kind: "computing", pane: "explain", seq: mine, asked });
	if (name === "error" && mine > 1) {
		const text = "Grad-CAM needs feature maps with some spatial extent: 155 predictions has none. Choose 153 out_relu.";
		fake.tell({ kind: "error", pane: "explain", seq: mine, asked, about: "question", text });
		return;
	}
	if (name === "slow" && mine > 1) return;
	const signed = asked.method === "saliency";
	const values = name === "zero" ? new Float32Array(width * height) : valuesOf(asked, signed);
	const labels = fake.get("labels") as string[];
	setTimeout(() => {
		if (mine !== seq) return;
		const content = {
			kind: "map",
			pane: "explain",
			seq: mine,
			query: `q${mine}`,
			asked,
			shape,
			signed,
			top: values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
			units: "logit per unit activation",
			method: asked.method,
			target: labels[asked.filter_indices as number] ?? `class ${asked.filter_indices}`,
			ms: 38,
			passes: 1,
			progress: name === "progress" ? 0.6 : 1,
			notes: asked.backprop_modifier ? ["35 of 35 rectifiers modified"] : [],
			final: name !== "progress",
			python: "visualize_cam(model, 155, 20, image)",
			picture: false,
		};
		fake.tell(content, values);
	}, 38);
}

function sendInput(): void {
	const about = { image_idx: 0, input_idx: fake.get("input_idx") };
	if (space === 1) {
		const channels = name === "lanes" ? 12 : 1;
		const content = { kind: "signal", ...about, name: "beat 7", shape: [LENGTH, channels] };
		fake.tell(content, heartbeat(LENGTH, channels));
		return;
	}
	const grey = voxels(DEPTH, SIZE);
	const rgb =
		space === 3
			? Uint8Array.from({ length: 3 * grey.length }, (_, i) => 255 * (grey[Math.floor(i / 3)] as number))
			: Uint8Array.from(atob(photo.rgb), (char) => char.charCodeAt(0));
	fake.tell({ kind: "picture", ...about, name: space === 3 ? "scan 4" : "ouzel1.jpg", shape: [...shape, 3] }, rgb);
}

function hello(): void {
	sendInput();
	const [output] = outputs;
	if (!output) return;
	const scores = new Float32Array(layers[output.layer]?.filters ?? 0);
	if (scores.length === 4) scores.set([0.03, 0.9, 0.05, 0.02]);
	scores.set(scores.length === 1 ? [-0.0731] : scores.length === 2 ? [0.08, 0.92] : []);
	if (scores.length > 100) {
		for (const [index, score] of [
			[20, 0.917],
			[91, 0.002],
			[13, 0.0013],
			[80, 0.0009],
			[18, 0.0006],
		] as const) {
			scores[index] = score;
		}
	}
	fake.tell({ kind: "scores", image_idx: 0, ...output }, scores);
	if (space !== 2) {
		answer();
		return;
	}
	const indices = layers.filter(({ cells }) => cells).map(({ index }) => index);
	const gray = Uint8Array.from({ length: indices.length * 36 * 36 }, (_, i) => {
		const cell = Math.max(1, Math.floor(Math.floor(i / 1296) / 12));
		const x = Math.floor((i % 36) / cell) * cell;
		const y = Math.floor((Math.floor(i / 36) % 36) / cell) * cell;
		return 255 * Math.exp(-((x - 14) ** 2 + (y - 14) ** 2) / 150) * (0.6 + 0.4 * Math.sin(x * 3.7 + y * 1.3));
	});
	fake.tell({ kind: "thumbnails", image_idx: 0, size: 36, indices }, gray);
	answer();
}

/** Of five classes: the first at home in the middle, each other one less so and farther away. */
function sendSupports(): void {
	const [output] = outputs;
	const shown = Math.min(5, layers[output?.layer ?? 0]?.filters ?? 0);
	const classes = [20, 91, 13, 80, 18].slice(0, shown).map((index, n) => (shown < 5 ? n : index));
	const labels = classes.map((index) => (fake.get("labels") as string[])[index] ?? `class ${index}`);
	const cells = Array(space).fill(7);
	const values = Float32Array.from({ length: shown * 7 ** cells.length }, (_, i) => {
		const at = i % 7 ** cells.length;
		const n = Math.floor(i / 7 ** cells.length);
		const far = Math.abs((at % 7) - 3) + Math.abs((Math.floor(at / 7) % 7) - 3);
		return 0.6 * Math.exp(-far / 2 - n) - 0.08 * n;
	});
	const about = { image_idx: 0, input_idx: fake.get("input_idx"), layer: output?.layer };
	const units = "score, first order";
	fake.tell({ kind: "supports", ...about, classes, labels, shape: cells, cam_layer: "153 out_relu", units }, values);
}

const dream = dreamer(fake, name);
fake.onSend = ({ content }) => {
	dream(content);
	if (content.kind === "ready") setTimeout(hello);
	if (content.kind === "superpixels") {
		const numbers = Uint16Array.from({ length: width * height }, (_, i) => {
			return 16 * Math.floor((16 * Math.floor(i / width)) / height) + Math.floor((16 * (i % width)) / width);
		});
		fake.tell({ kind: "superpixels", image_idx: 0, input_idx: 0, size: shape }, numbers);
	}
	if (content.kind === "probe") setTimeout(sendSupports);
	if (content.kind === "stop") fake.tell({ kind: "stopped", pane: "explain", seq, text: "" });
};
fake.onSave = (changes) => {
	if ("input_idx" in changes) sendInput();
	if (QUESTION_CONTROLS.some((key) => key in changes)) answer();
};
Object.assign(globalThis, { fake });
widget.render({ model: fake.model, el: document.getElementById("view") as HTMLElement });
