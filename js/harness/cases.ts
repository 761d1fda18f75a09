// The traits of each ?case=... of the harness.

import type { Layer, Method, MethodOption, Network, Traits } from "../src/kernel/traits";
import { METHODS, mobileTraits, smallNetwork } from "../test/network";

const LONG = "block_10_a_layer_with_a_name_that_is_much_longer_than_any_column";

function headed(
	network: Network,
	filters: number,
	activation: Network["outputs"][number]["activation"],
): Partial<Traits> {
	const head: Layer = { index: 4, name: "head", kind: "Dense", shape: [filters], filters, cells: null };
	return {
		network: {
			...network,
			name: `${filters} outputs`,
			parameters: 4200,
			outputs: [{ layer: 4, activation }],
			layers: [...network.layers.slice(0, 4), head],
		},
		labels: filters === 2 ? ["husky", "wolf"] : [],
		layer_idx: 4,
		filter_indices: 0,
		images: [{ name: "only.png", shape: [28, 28] }],
	};
}

function small(network: Network, changes: Partial<Traits> = {}): Partial<Traits> {
	return {
		network,
		labels: ["normal", "ectopic", "paced", "noise"],
		layer_idx: 2,
		filter_indices: 1,
		method: "saliency",
		images: [{ name: "only", shape: [] }],
		...changes,
	};
}

const OPTIONS: MethodOption[] = [
	{ name: "grid", label: "token grid", kind: "size", default: null },
	{
		name: "baseline",
		label: "baseline",
		kind: "image",
		default: "black",
		choices: [
			["black", "black"],
			["blurred", "blurred"],
		],
	},
];

export function traitsOf(kind: string): Partial<Traits> {
	const { network, labels = [], methods = [] } = mobileTraits();
	if (!network) return {};
	switch (kind) {
		case "hostile":
			return {
				labels: labels.with(20, "<img src=x onerror=alert(1)>"),
				network: {
					...network,
					name: "<b>a model</b> with a name that goes on and on",
					layers: network.layers.map((layer) => ({ ...layer, name: `<i>${layer.index}</i>${LONG}` })),
				},
			};
		case "two":
			return {
				...headed(network, 2, "softmax"),
				refusals: { backprop_modifier: "This model has no rectifier.", score: "" },
			};
		case "regression":
			return {
				...headed(network, 1, "none"),
				aim: -0.25,
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
		case "signal":
		case "lanes":
			return small(
				smallNetwork({ cells: [250], name: "heartbeats" }),
				kind === "lanes" ? { layer_idx: 1, cell: [80] } : {},
			);
		case "volume":
			return small(smallNetwork({ cells: [8, 16, 16], name: "scans" }), { layer_idx: 1, cell: [4, 6, 9] });
		case "versus":
			return { versus: 91 };
		case "named":
			return { target: "steering towards the kerb" };
		case "cell":
			return { layer_idx: 153, filter_indices: null, cell: [3, 4], aim: "decrease" };
		case "many":
			return {
				network: {
					...network,
					inputs: [...network.inputs, { name: "thermal camera", shape: [224, 224, 1], space: 2 }],
					outputs: [...network.outputs, { layer: 154, activation: "none" }],
				},
				method: "long",
				options: { grid: [14, 14], baseline: "given" },
				seed: 17,
				methods: [...methods, { ...(METHODS[1] as Method), ...LONG_METHOD }],
			};
		case "dream":
		case "dreamfail":
			return { tab: "dream" };
		case "dreamgrid":
		case "dreammany":
			return { tab: "dream", layer_idx: 1, filter_indices: 3 };
		case "dreamrefused":
			return { tab: "dream", dream_refusal: "A dream needs an input that is an image: this model takes text." };
		default:
			return {};
	}
}

const LONG_METHOD: Partial<Method> = {
	name: "long",
	title: "Integrated Gradients along a guided path",
	group: "Mine",
	formula: "(x − x′) · ∫ ∂S(x′ + α(x − x′))/∂x dα ≈ (x − x′) · Σ_k w_k ∂S(x_k)/∂x_k",
	limits:
		"Says how the score moves on the way from a baseline, so that another baseline gives another map. Its completeness residual is in the notes; a large one means that more steps are needed.",
	paper: "Sundararajan, Taly & Yan 2017, Axiomatic Attribution for Deep Networks, eq. 1; nodes by Gauss and Legendre",
	options: OPTIONS,
};
