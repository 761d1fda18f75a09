// The traits of the explorer as they lie on the wire, and their values when a saved state lacks them.

export type Activation = "softmax" | "sigmoid" | "none";
export type FilterIndices = null | number | number[];
/** Row and column, position, or slice, row and column; null is the mean over all of them. */
export type Cell = null | number[];
/** What the score should do; a number is the value that it should come closer to. */
export type Aim = string | number;
export type Options = Record<string, unknown>;

export interface Layer {
	index: number;
	name: string;
	kind: string;
	shape: (number | null)[];
	filters: number;
	/** The sizes of its feature map along each axis, null where it has none. */
	cells: (number | null)[] | null;
}

export interface Input {
	name: string;
	shape: (number | null)[];
	/** How many axes it has in space: 1 of a signal, 2 of an image, 3 of a volume. */
	space: number;
}

export interface Output {
	layer: number;
	activation: Activation;
}

export interface Network {
	name: string;
	parameters: number;
	inputs: Input[];
	outputs: Output[];
	layers: Layer[];
}

export interface MethodOption {
	name: string;
	label: string;
	kind: "choice" | "image" | "layer" | "number" | "size";
	default: unknown;
	help?: string;
	choices?: [unknown, string][];
	layers?: number[];
	minimum?: number;
	maximum?: number;
	step?: number;
	/** One number for each of so many axes may stand in its place. */
	axes?: number;
	/** What automatic comes to: of a number in words, where 0 means that; of a layer, for each that may be explained. */
	automatic?: string | (number | null)[];
}

export interface Method {
	name: string;
	title: string;
	group: string;
	sentence: string;
	formula: string;
	limits: string;
	paper: string;
	gradient: boolean;
	on_image: boolean;
	/** It draws random numbers: the seed decides which. */
	random: boolean;
	unusable: [number, string][];
	options: MethodOption[];
}

/** One setting of a dream; a method option with a heading to stand under. */
export interface DreamSetting extends MethodOption {
	group: string;
	kind: "number" | "choice";
}

/** What may be put in the place of a region. */
export interface Replacement {
	name: string;
	title: string;
	sentence: string;
	limits: string;
	paper: string;
	/** It is made of what lies outside of the region: of a whole image it can be none. */
	needs_outside: boolean;
	random: boolean;
}

export interface KernelTraits {
	network: Network;
	methods: Method[];
	choices: {
		backprop_modifier: string[];
		grad_modifier: string[];
		score: [string, string][];
		aim: [string, string][];
	};
	refusals: { backprop_modifier: string; score: string };
	labels: string[];
	images: { name: string; shape: number[] }[];
	notices: string[];
	limits: { upload_bytes: number };
	dream_settings: DreamSetting[];
	/** Why this model can't be dreamed of; "" where it can. */
	dream_refusal: string;
	replacements: Replacement[];
	/** The map that shows, what is covered, and the widget, as Python for the next cell; "" where there is none. */
	python: { explain: string; test: string; widget: string };
}

/** What decides the answer: a map is fresh when it was asked with exactly these. */
export interface QuestionControls {
	layer_idx: number;
	filter_indices: FilterIndices;
	/** Target B, filters of the same layer: the difference of A and B is explained. */
	versus: FilterIndices;
	cell: Cell;
	aim: Aim;
	/** The name of a target that Python has set; "" when layer, filters and the rest decide. */
	target: string;
	method: string;
	score: string;
	backprop_modifier: string | null;
	grad_modifier: string | null;
	image_idx: number;
	input_idx: number;
	seed: number;
	options: Options;
}

/** What shows and how; these never ask the kernel anything. */
export interface AppearanceControls {
	opacity: number;
	threshold: number;
	colormap: string;
	charts: boolean;
	/** A tab's name; one that is unknown, as "", shows the first. */
	tab: string;
}

/** Height and width, and the marked pixels: bits row by row, the most significant first, in base64. */
export interface WireRegion {
	size: [number, number];
	bits: string;
}

/** What is tried on the image: no map becomes stale of it. */
export interface TestControls {
	region: WireRegion | null;
	/** The name of what is put in the region's place. */
	replace: string;
	/** The region stays and all else is replaced. */
	keep: boolean;
}

/** A row each, as `tests/controls.json` has them. */
export interface Controls extends QuestionControls, AppearanceControls, TestControls {}

/** What a page shows beyond the controls: Python's picture is the same, and another view of the widget begins so. */
export interface Seen {
	view: "image" | "overlay" | "map";
	/** Of a volume; -1 while nobody has chosen one. */
	slice: number;
	/** The first of a signal's that has a lane. */
	channel: number;
	dark: boolean;
	/** Width of the layers' list in CSS pixels; 0 is its own. */
	rail: number;
}

export interface Traits extends KernelTraits, Controls {
	seen: Seen;
}

/** The aim of a plain score: what makes it rise. */
export const USUAL_AIM = "increase";

const BLANK_QUESTION: QuestionControls = {
	layer_idx: 0,
	filter_indices: null,
	versus: null,
	cell: null,
	aim: USUAL_AIM,
	target: "",
	method: "",
	score: "logit",
	backprop_modifier: null,
	grad_modifier: null,
	image_idx: 0,
	input_idx: 0,
	seed: 0,
	options: {},
};

const BLANK_APPEARANCE: AppearanceControls = { opacity: 0.7, threshold: 0.12, colormap: "", charts: true, tab: "" };

const BLANK_TEST: TestControls = { region: null, replace: "blur", keep: false };

export const QUESTION_CONTROLS = Object.keys(BLANK_QUESTION) as (keyof QuestionControls)[];
export const APPEARANCE_CONTROLS = Object.keys(BLANK_APPEARANCE) as (keyof AppearanceControls)[];
export const TEST_CONTROLS = Object.keys(BLANK_TEST) as (keyof TestControls)[];

export function blankTraits(): Traits {
	return {
		network: { name: "", parameters: 0, inputs: [], outputs: [], layers: [] },
		methods: [],
		choices: { backprop_modifier: [], grad_modifier: [], score: [], aim: [] },
		refusals: { backprop_modifier: "", score: "" },
		labels: [],
		images: [],
		notices: [],
		limits: { upload_bytes: 0 },
		dream_settings: [],
		dream_refusal: "",
		replacements: [],
		python: { explain: "", test: "", widget: "" },
		...BLANK_QUESTION,
		...BLANK_APPEARANCE,
		...BLANK_TEST,
		seen: { view: "overlay", slice: -1, channel: 0, dark: false, rail: 0 },
	};
}

/** The value when it has the blank's outer form, else the blank: a saved state may be old, empty or hostile. */
export function readTrait<K extends keyof Traits>(name: K, value: unknown, blank: Traits[K]): Traits[K] {
	const fits = FORMS[name];
	if (fits) return fits(value) ? (value as Traits[K]) : blank;
	if (blank === null) return (typeof value === "string" ? value : blank) as Traits[K];
	if (!sameForm(value, blank)) return blank;
	if (typeof blank !== "object" || Array.isArray(blank)) return value as Traits[K];
	const fitting = Object.entries(value as object).filter(([key, part]) => {
		const wanted = (blank as unknown as Record<string, unknown>)[key];
		return wanted === undefined || sameForm(part, wanted);
	});
	return { ...blank, ...Object.fromEntries(fitting) };
}

/** The traits that come in several forms. */
const FORMS: Partial<Record<keyof Traits, (value: unknown) => boolean>> = {
	filter_indices: isFilterIndices,
	versus: isFilterIndices,
	cell: (value) => value === null || (Array.isArray(value) && value.every(Number.isInteger)),
	aim: (value) => typeof value === "string" || Number.isFinite(value),
	region: (value) => value === null || isRegion(value),
};

function sameForm(value: unknown, blank: unknown): boolean {
	return value !== null && typeof value === typeof blank && Array.isArray(value) === Array.isArray(blank);
}

function isFilterIndices(value: unknown): boolean {
	return value === null || Number.isInteger(value) || (Array.isArray(value) && value.every(Number.isInteger));
}

/** As many bits as pixels, to the next whole byte. */
function isRegion(value: unknown): boolean {
	const { size, bits } = (value ?? {}) as Partial<WireRegion>;
	if (!Array.isArray(size) || size.length !== 2 || !size.every((one) => Number.isSafeInteger(one) && one > 0))
		return false;
	const bytes = Math.ceil((size[0] * size[1]) / 8);
	if (typeof bits !== "string" || bits.length !== 4 * Math.ceil(bytes / 3)) return false;
	const [, text = "", end = ""] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(bits) ?? [];
	return text.length + end.length === bits.length && (3 - (bytes % 3)) % 3 === end.length;
}
