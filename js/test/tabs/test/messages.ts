// What a kernel says about a region that is covered, for the tests. The image is that of sendPicture: 2 x 3 pixels.

import type { Replacement, WireRegion } from "../../../src/kernel/traits";
import type { FakeModel } from "../../fake-model";

export const REPLACEMENTS: Replacement[] = ["blur", "mean", "colour", "neighbours", "sepia"].map((name) => ({
	name,
	title: `Title of ${name}`,
	sentence: `What ${name} is.`,
	limits: `What ${name} is not.`,
	paper: name === "neighbours" ? "Rong et al. 2022" : "",
	needs_outside: name === "mean",
	random: name === "neighbours",
}));

/** The first two pixels of the 2 x 3; its token is zlib.crc32(b"\xc0"). */
export const REGION: WireRegion = { size: [2, 3], bits: "wA==" };
export const TOKEN = 0x49662d3d;

/** The last pixel: zlib.crc32(b"\x04"). */
export const OTHER_REGION: WireRegion = { size: [2, 3], bits: "BA==" };
export const OTHER_TOKEN = 0xd56f2b94;

/** Pixels that all have one value. */
export const flat = (value: number, pictures = 1) => new Uint8Array(18 * pictures).fill(value);

export function row(index: number, label: string, before: number, after: number, rank: [number, number]): object {
	return { index, label, before, after, probability: [0.5, 0.25], rank };
}

export const ROWS = [
	{ ...row(20, "water ouzel", 11.25, 4, [1, 59]), probability: [0.892, 0.003] },
	row(91, "coucal", 3, 0.5, [2, 228]),
	row(13, "<b>junco</b>", 2, 1, [3, 144]),
	{ ...row(815, "spider web", -0.5, 4.5, [273, 1]), probability: [0.0001, 0.075] },
];

type Changes = Record<string, unknown> & { controls?: Float32Array; pixels?: Uint8Array };

export function tellIntervention(fake: FakeModel, { controls, pixels, ...changes }: Changes = {}): void {
	const content = {
		kind: "intervention",
		region: TOKEN,
		replace: "blur",
		keep: false,
		progress: 1,
		final: true,
		target: "water ouzel",
		units: "logit",
		before: 11.25,
		after: 4,
		change: -7.25,
		probability: [0.892, 0.003],
		log_odds: [2.1, -5.8],
		p: 0.25,
		wanted: 3,
		agreement: { blur: -7.25, mean: -6, neighbours: -5.5 },
		sentence: "Covering the region (33% of the picture) lowers water ouzel by 7.25. The model uses it.",
		notes: [],
		rows: ROWS,
		size: [2, 3],
		ms: 21,
		passes: 4,
		...changes,
	};
	fake.tell(content, controls ?? Float32Array.of(-0.5, 0.25, 1), pixels ?? flat(200));
}

export function tellDraft(fake: FakeModel, value = 77, image_idx = 0): void {
	fake.tell({ kind: "draft", image_idx, input_idx: 0, size: [2, 3] }, flat(value));
}

export function tellPreviews(fake: FakeModel, names = ["blur", "mean"], region = TOKEN): void {
	const pixels = Uint8Array.from(names.flatMap((_, at) => [...flat(10 * (at + 1))]));
	fake.tell({ kind: "previews", region, names, size: [2, 3] }, pixels);
}

export function tellSwaps(fake: FakeModel, changes: Record<string, unknown> = {}): void {
	const tiles = [
		{ name: "grass", label: "water ouzel", probability: 0.95, flips: false },
		{ name: "<i>noise</i>", label: "spider web", probability: null, flips: true },
	];
	const content = {
		kind: "swaps",
		region: TOKEN,
		progress: 1,
		final: true,
		sentence: "The top class changes on 1 of 2 backgrounds.",
		flipped: [1, 2, 0.095, 0.905],
		tiles,
		size: [2, 3],
		...changes,
	};
	fake.tell(content, flat(30, 2));
}
