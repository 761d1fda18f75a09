// The front end in a bare page, with a pretended kernel: `npm run harness` serves it on this machine.
// ?case=... chooses one of the cases below; window.PHOTO = {shape, rgb (base64)} may bring a picture.

import widget from "../src/index";
import type { FilterIndices, Question, Traits } from "../src/traits";
import { QUESTION_NAMES } from "../src/traits";
import { FakeModel } from "../test/fake-model";
import { mobileTraits } from "../test/network";

interface Photo {
	shape: [number, number, 3];
	rgb: string;
}

const name = new URLSearchParams(location.search).get("case") ?? "";
const photo = (globalThis as { PHOTO?: Photo }).PHOTO ?? gradient(224, 224);
const [height, width] = photo.shape;
const fake = new FakeModel({ ...mobileTraits(), ...traitsOf(name) });
let seq = 0;

function traitsOf(kind: string): Partial<Traits> {
	const { network, labels = [] } = mobileTraits();
	if (!network) return {};
	const first = network.layers.slice(0, 4);
	const small = (outputs: number, activation: Traits["network"]["activation"]): Partial<Traits> => ({
		network: {
			...network,
			name: `${outputs} outputs`,
			parameters: 4200,
			output: 4,
			activation,
			layers: [...first, { index: 4, name: "head", kind: "Dense", shape: [outputs], filters: outputs, cells: null }],
		},
		labels: outputs === 2 ? ["husky", "wolf"] : [],
		layer_idx: 4,
		filter_indices: 0,
		images: [{ name: "only.png", shape: [28, 28] }],
	});
	const long = "block_10_a_layer_with_a_name_that_is_much_longer_than_any_column";
	switch (kind) {
		case "hostile":
			return {
				labels: labels.with(20, "<img src=x onerror=alert(1)>"),
				network: {
					...network,
					name: "<b>a model</b> with a name that goes on and on",
					layers: network.layers.map((layer) => ({ ...layer, name: `<i>${layer.index}</i>${long}` })),
				},
			};
		case "two":
			return { ...small(2, "softmax"), refusals: { backprop_modifier: "This model has no rectifier.", score: "" } };
		case "regression":
			return {
				...small(1, "none"),
				refusals: { backprop_modifier: "", score: "The output has no softmax: it is its own score." },
			};
		case "notices":
			return {
				notices: [
					"No images given: this is a sample of ours.",
					"The input looks like 0..255, the model was trained on −1..1.",
				],
			};
		case "signed":
			return { method: "saliency" };
		case "gradientless":
			return { method: "occlusion" };
		default:
			return {};
	}
}

function gradient(w: number, h: number): Photo {
	const rgb = Uint8Array.from({ length: w * h * 3 }, (_, i) =>
		i % 3 === 0 ? Math.floor(i / 3) % w : Math.floor(i / 3 / w),
	);
	return {
		shape: [h, w, 3],
		rgb: btoa(String.fromCharCode(...rgb.subarray(0, 60_000))).padEnd((4 * w * h * 3) / 3, "A"),
	};
}

function question(): Question {
	return Object.fromEntries(QUESTION_NAMES.map((key) => [key, fake.get(key)])) as unknown as Question;
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

function answer(): void {
	const asked = question();
	seq += 1;
	const mine = seq;
	fake.tell({ kind: "computing", seq: mine, asked });
	if (name === "error" && mine > 1) {
		const text = "Grad-CAM needs feature maps with some spatial extent: 155 predictions has none. Choose 153 out_relu.";
		fake.tell({ kind: "error", seq: mine, asked, about: "question", text });
		return;
	}
	if (name === "slow" && mine > 1) return;
	const signed = asked.method === "saliency";
	const values = name === "zero" ? new Float32Array(width * height) : blobs(asked.filter_indices, signed);
	const labels = fake.get("labels") as string[];
	setTimeout(() => {
		if (mine !== seq) return;
		const content = {
			kind: "map",
			seq: mine,
			query: `q${mine}`,
			asked,
			shape: [height, width],
			signed,
			top: values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
			units: "logit per unit activation",
			method: asked.method,
			target: labels[asked.filter_indices as number] ?? `class ${asked.filter_indices}`,
			ms: 38,
			passes: 1,
			notes: asked.backprop_modifier ? ["35 of 35 rectifiers modified"] : [],
			final: true,
			python: "visualize_cam(model, 155, 20, image)",
			picture: false,
		};
		fake.tell(content, values);
	}, 38);
}

function hello(): void {
	const rgb = Uint8Array.from(atob(photo.rgb), (char) => char.charCodeAt(0));
	fake.tell({ kind: "picture", image_idx: 0, name: "ouzel1.jpg", shape: photo.shape }, rgb);
	const { activation, layers, output } = fake.get("network") as Traits["network"];
	const scores = new Float32Array(layers[output]?.filters ?? 0);
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
	fake.tell({ kind: "scores", image_idx: 0, activation }, scores);
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

fake.onSend = ({ content }) => {
	if (content.kind === "ready") setTimeout(hello);
	if (content.kind === "stop") fake.tell({ kind: "stopped", seq });
};
fake.onSave = (changes) => {
	if (QUESTION_NAMES.some((key) => key in changes)) answer();
};
Object.assign(globalThis, { fake });
widget.render({ model: fake.model, el: document.getElementById("view") as HTMLElement });
