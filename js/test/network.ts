// A network shaped like a MobileNetV2, and the traits that a kernel would send with it.

import type { DreamSetting, Layer, Method, Network, Traits } from "../src/kernel/traits";

const BLOCKS = [
	{ cells: 56, wide: 144, thin: 24, repeats: 2 },
	{ cells: 28, wide: 192, thin: 32, repeats: 3 },
	{ cells: 14, wide: 384, thin: 64, repeats: 4 },
	{ cells: 14, wide: 576, thin: 96, repeats: 3 },
	{ cells: 7, wide: 960, thin: 160, repeats: 3 },
];

export function mobileNetwork(): Network {
	const layers: Layer[] = [];
	function add(name: string, kind: string, cells: number, filters: number): void {
		const shape = cells > 0 ? [cells, cells, filters] : [filters];
		layers.push({ index: layers.length, name, kind, shape, filters, cells: cells > 0 ? [cells, cells] : null });
	}
	add("input_layer", "InputLayer", 224, 3);
	for (const [name, kind] of [
		["Conv1", "Conv2D"],
		["bn_Conv1", "BatchNormalization"],
		["Conv1_relu", "ReLU"],
	] as const) {
		add(name, kind, 112, 32);
	}
	let block = 0;
	for (const { cells, wide, thin, repeats } of BLOCKS) {
		for (let at = 0; at < repeats; at++) {
			block += 1;
			add(`block_${block}_expand`, "Conv2D", cells, wide);
			add(`block_${block}_expand_BN`, "BatchNormalization", cells, wide);
			add(`block_${block}_expand_relu`, "ReLU", cells, wide);
			add(`block_${block}_depthwise`, "DepthwiseConv2D", cells, wide);
			add(`block_${block}_depthwise_BN`, "BatchNormalization", cells, wide);
			add(`block_${block}_depthwise_relu`, "ReLU", cells, wide);
			add(`block_${block}_project`, "Conv2D", cells, thin);
			add(`block_${block}_project_BN`, "BatchNormalization", cells, thin);
			add(`block_${block}_add`, "Add", cells, thin);
		}
	}
	while (layers.length < 151) add(`drop_${layers.length}`, "Dropout", 7, 320);
	add("Conv_1", "Conv2D", 7, 1280);
	add("Conv_1_bn", "BatchNormalization", 7, 1280);
	add("out_relu", "ReLU", 7, 1280);
	add("global_average_pooling2d", "GlobalAveragePooling2D", 0, 1280);
	add("predictions", "Dense", 0, 1000);
	return {
		name: "MobileNetV2",
		parameters: 3_538_984,
		inputs: [{ name: "input_layer", shape: [224, 224, 3], space: 2 }],
		outputs: [{ layer: 155, activation: "softmax" }],
		layers,
	};
}

export const METHODS: Method[] = [
	{
		name: "saliency",
		title: "Saliency",
		group: "Gradients",
		sentence: "Which pixels move {target} most.",
		formula: "max_c |∂S/∂x_c|",
		limits: "Noisy. Says how a small change counts, not what is there.",
		paper: "Simonyan et al. 2013",
		gradient: true,
		on_image: true,
		random: false,
		unusable: [],
		options: [
			{
				name: "reduce",
				label: "channels",
				kind: "choice",
				default: "max_abs",
				choices: [
					["max_abs", "max |v|"],
					["mean", "mean"],
				],
			},
		],
	},
	{
		name: "smoothgrad",
		title: "SmoothGrad",
		group: "Gradients",
		sentence: "Which pixels move {target} most, on average over noisy copies.",
		formula: "mean_n ∂S/∂x at x + ε_n",
		limits: "Slow: one pass a copy.",
		paper: "Smilkov et al. 2017",
		gradient: true,
		on_image: true,
		random: true,
		unusable: [],
		options: [{ name: "samples", label: "copies", kind: "number", default: 20, minimum: 1, maximum: 100, step: 1 }],
	},
	{
		name: "grad_cam",
		title: "Grad-CAM",
		group: "Feature maps",
		sentence: "Where the last feature maps support {target}.",
		formula: "ReLU( Σ_k mean(∂S/∂A_k) · A_k )",
		limits: "Coarse: 7×7 cells of 32 px. Says where, not why.",
		paper: "Selvaraju et al. 2017, eq. 1-2",
		gradient: true,
		on_image: true,
		random: false,
		unusable: [0, 1, 2, 3].map((index) => [index, "no feature map before it"]),
		options: [
			{ name: "penultimate_layer_idx", label: "cam at", kind: "layer", default: null, layers: [117, 151, 153] },
		],
	},
	{
		name: "occlusion",
		title: "Occlusion",
		group: "Perturbation",
		sentence: "How much {target} falls when a patch is covered.",
		formula: "f(x) − f(x without the patch)",
		limits: "Slow: one prediction a patch.",
		paper: "Zeiler & Fergus 2013",
		gradient: false,
		on_image: true,
		random: false,
		unusable: [],
		options: [
			{ name: "patch", label: "patch", kind: "number", default: 32, minimum: 8, maximum: 96, step: 8, axes: 2 },
			{ name: "stride", label: "stride", kind: "number", default: 16, minimum: 4, maximum: 48, step: 4 },
		],
	},
	{
		name: "weights",
		title: "Weights",
		group: "Look inside",
		sentence: "The kernel of {target}.",
		formula: "",
		limits: "Readable for the first convolution only.",
		paper: "",
		gradient: false,
		on_image: false,
		random: false,
		unusable: [],
		options: [],
	},
];

function amount(
	group: DreamSetting["group"],
	name: string,
	usual: number,
	maximum: number,
	step: number,
): DreamSetting {
	return { group, name, label: name, kind: "number", default: usual, minimum: 0, maximum, step };
}

function choice(group: DreamSetting["group"], name: string, ...choices: string[]): DreamSetting {
	const named = choices.map((each): [string, string] => [each, each]);
	return { group, name, label: name, kind: "choice", default: choices[0], choices: named };
}

export const DREAM_SETTINGS: DreamSetting[] = [
	choice("dream", "goal", "target", "layer"),
	choice("dream", "score", "logit", "probability", "both"),
	amount("dream", "steps", 256, 2048, 1),
	amount("dream", "count", 1, 9, 1),
	amount("dream", "seed", 0, 999, 1),
	choice("parametrization", "parametrization", "fourier", "pixels", "maco"),
	amount("transforms", "jitter", 0.05, 0.5, 0.01),
	amount("transforms", "rotate", 5, 45, 1),
	amount("regularizers", "tv", 0, 1, 0.01),
];

export function mobileTraits(): Partial<Traits> {
	const labels = Array.from({ length: 1000 }, (_, index) => `class name ${index}`);
	Object.assign(labels, { 20: "water ouzel", 91: "coucal", 13: "junco", 80: "black grouse", 18: "magpie" });
	return {
		network: mobileNetwork(),
		methods: METHODS,
		choices: {
			backprop_modifier: ["guided", "rectified"],
			grad_modifier: ["absolute", "negate", "relu", "invert", "small_values"],
			score: [
				["logit", "logit"],
				["probability", "probability"],
				["log_probability", "log-probability"],
			],
			aim: [
				["increase", "increase"],
				["decrease", "decrease"],
				["maintain", "maintain"],
			],
		},
		labels,
		images: [
			{ name: "ouzel1.jpg", shape: [224, 224] },
			{ name: "ouzel2.jpg", shape: [224, 224] },
			{ name: "bear.jpg", shape: [224, 224] },
		],
		limits: { upload_bytes: 8_000_000 },
		dream_settings: DREAM_SETTINGS,
		layer_idx: 155,
		filter_indices: 20,
		method: "grad_cam",
	};
}

/** A network of a few layers over inputs of 1 to 3 axes, with one output or several. */
export function smallNetwork(changes: Partial<Network> & { cells?: (number | null)[] } = {}): Network {
	const { cells = [4, 4], ...others } = changes;
	const layers: Layer[] = [
		{ index: 0, name: "input", kind: "InputLayer", shape: [...cells.map(() => 8), 1], filters: 1, cells },
		{ index: 1, name: "conv", kind: "Conv", shape: [...cells, 6], filters: 6, cells },
		{ index: 2, name: "kinds", kind: "Dense", shape: [4], filters: 4, cells: null },
		{ index: 3, name: "angle", kind: "Dense", shape: [1], filters: 1, cells: null },
	];
	return {
		name: "small",
		parameters: 100,
		inputs: [{ name: "input", shape: [...cells.map(() => 8), 1], space: cells.length }],
		outputs: [{ layer: 2, activation: "softmax" }],
		layers,
		...others,
	};
}

/** The traits of a small network; all else is that of the large one. */
export function smallTraits(changes: Parameters<typeof smallNetwork>[0] = {}): Partial<Traits> {
	return { network: smallNetwork(changes), labels: [], layer_idx: 2, filter_indices: 1, method: "saliency" };
}
