// The traits of the explorer as they lie on the wire, and their values when a saved state lacks them.

export type Activation = "softmax" | "sigmoid" | "none";
export type FilterIndices = null | number | number[];
export type Options = Record<string, unknown>;

export interface Layer {
	index: number;
	name: string;
	kind: string;
	shape: (number | null)[];
	filters: number;
	cells: [number, number] | null;
}

export interface Network {
	name: string;
	parameters: number;
	input: number[];
	output: number;
	activation: Activation;
	layers: Layer[];
}

export interface MethodOption {
	name: string;
	label: string;
	kind: "choice" | "layer" | "number";
	default: unknown;
	choices?: [unknown, string][];
	layers?: number[];
	minimum?: number;
	maximum?: number;
	step?: number;
}

export interface Method {
	name: string;
	title: string;
	sentence: string;
	formula: string;
	limits: string;
	paper: string;
	gradient: boolean;
	on_image: boolean;
	unusable: [number, string][];
	options: MethodOption[];
}

export interface KernelTraits {
	network: Network;
	methods: Method[];
	choices: { backprop_modifier: string[]; grad_modifier: string[]; score: [string, string][] };
	refusals: { backprop_modifier: string; score: string };
	labels: string[];
	images: { name: string; shape: number[] }[];
	notices: string[];
	limits: { upload_bytes: number };
}

/** What decides the answer: a map is fresh when it was asked with exactly these. */
export interface Question {
	layer_idx: number;
	filter_indices: FilterIndices;
	method: string;
	score: string;
	backprop_modifier: string | null;
	grad_modifier: string | null;
	image_idx: number;
	options: Options;
}

/** How an answer looks; these never ask the kernel anything. */
export interface Look {
	opacity: number;
	threshold: number;
	colormap: string;
}

export interface Controls extends Question, Look {
	charts: boolean;
}

export interface Traits extends KernelTraits, Controls {}

export const QUESTION_NAMES = [
	"layer_idx",
	"filter_indices",
	"method",
	"score",
	"backprop_modifier",
	"grad_modifier",
	"image_idx",
	"options",
] as const satisfies readonly (keyof Question)[];

export function blankTraits(): Traits {
	return {
		network: { name: "", parameters: 0, input: [], output: 0, activation: "none", layers: [] },
		methods: [],
		choices: { backprop_modifier: [], grad_modifier: [], score: [] },
		refusals: { backprop_modifier: "", score: "" },
		labels: [],
		images: [],
		notices: [],
		limits: { upload_bytes: 0 },
		layer_idx: 0,
		filter_indices: null,
		method: "",
		score: "logit",
		backprop_modifier: null,
		grad_modifier: null,
		image_idx: 0,
		options: {},
		opacity: 0.7,
		threshold: 0.12,
		colormap: "",
		charts: true,
	};
}

/** The value when it has the blank's outer form, else the blank: a saved state may be old, empty or hostile. */
export function readTrait<K extends keyof Traits>(name: K, value: unknown, blank: Traits[K]): Traits[K] {
	if (name === "filter_indices") return (isFilterIndices(value) ? value : blank) as Traits[K];
	if (blank === null) return (typeof value === "string" ? value : blank) as Traits[K];
	if (!sameForm(value, blank)) return blank;
	if (typeof blank !== "object" || Array.isArray(blank)) return value as Traits[K];
	const fitting = Object.entries(value as object).filter(([key, part]) => {
		const wanted = (blank as unknown as Record<string, unknown>)[key];
		return wanted === undefined || sameForm(part, wanted);
	});
	return { ...blank, ...Object.fromEntries(fitting) };
}

function sameForm(value: unknown, blank: unknown): boolean {
	return value !== null && typeof value === typeof blank && Array.isArray(value) === Array.isArray(blank);
}

function isFilterIndices(value: unknown): value is FilterIndices {
	return value === null || Number.isInteger(value) || (Array.isArray(value) && value.every(Number.isInteger));
}
