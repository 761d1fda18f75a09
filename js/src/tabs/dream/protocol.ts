// The messages about dreams; kernel/protocol.ts reads them with all others.

import {
	bytes,
	type Content,
	index,
	isIndex,
	isNumber,
	isRecord,
	isText,
	list,
	Malformed,
	number,
	oneOf,
	orNull,
	sizes,
	text,
} from "../../kernel/fields";
import type { Readers } from "../../kernel/protocol";
import type { Pixels } from "../../stage/pixels";

const STATES = ["queued", "running", "paused", "done", "stopped", "failed"] as const;
export type DreamState = (typeof STATES)[number];

/** How it stands with a dream; sent when its state changes. */
export interface Dream {
	kind: "dream";
	id: number;
	form: "single" | "grid";
	state: DreamState;
	step: number;
	steps: number;
	/** One for each image; of a grid all, also those that are still to come. */
	titles: string[];
	filters: (number | null)[];
	/** An error, or why it does not go on by itself. */
	text: string;
	notes: string[];
	python: string;
}

export interface Frame {
	kind: "frame";
	id: number;
	step: number;
	/** The place of the first image among all of the dream. */
	offset: number;
	/** Of each input that is dreamed (images, height, width, 3). */
	inputs: { shape: number[]; rgb: Uint8Array }[];
	/** null where it is no number. */
	scores: (number | null)[];
}

export interface DreamFile {
	kind: "dream_file";
	id: number;
	name: string;
	mime: string;
	data: Uint8Array;
}

/** A picture of the gallery that excites a filter, with the part that does. */
export interface Patch {
	name: string;
	image_idx: number;
	score: number;
	/** Top, left, bottom, right as shares of the picture. */
	box: number[];
	picture: Pixels;
}

export interface DreamCard {
	kind: "dream_card";
	id: number;
	place: number;
	title: string;
	weights: Pixels | null;
	map: Pixels | null;
	patches: Patch[];
}

export type DreamToPage = Dream | Frame | DreamFile | DreamCard;

export type DreamSettings = Record<string, unknown>;
export type ExportFormat = "gif" | "png";

export type DreamToKernel =
	| { kind: "dream_start" | "dream_filters"; settings: DreamSettings }
	| { kind: "dream_pause" | "dream_resume" | "dream_stop" | "dream_more"; id: number }
	| { kind: "dream_painted"; id: number; step: number }
	| { kind: "dream_export"; id: number; format: ExportFormat }
	| { kind: "dream_card"; id: number; place: number };

export const DREAM_READERS: Readers<DreamToPage> = {
	dream: (c) => {
		const [step, steps] = [index(c, "step"), index(c, "steps")];
		const titles = list(c, "titles", isText);
		const filters = list(c, "filters", orNull(isIndex));
		if (step > steps) throw new Malformed("step is past steps");
		if (filters.length !== titles.length) throw new Malformed("filters are not as many as titles");
		return {
			id: index(c, "id"),
			form: oneOf(c, "form", ["single", "grid"] as const),
			state: oneOf(c, "state", STATES),
			step,
			steps,
			titles,
			filters,
			text: text(c, "text"),
			notes: list(c, "notes", isText),
			python: text(c, "python"),
		};
	},
	frame: (c, b) => {
		const scores = list(c, "scores", orNull(isNumber));
		const inputs = list(c, "inputs", isRecord).map((input, at) => {
			const shape = sizes(input, "shape", 4, 4);
			if (shape[3] !== 3) throw new Malformed("shape does not end in 3 colours");
			if (scores.length !== shape[0]) throw new Malformed("scores are not as many as images");
			return { shape, rgb: bytes(b, at, shape) };
		});
		return {
			id: index(c, "id"),
			step: index(c, "step"),
			offset: index(c, "offset"),
			inputs,
			scores,
		};
	},
	dream_file: (c, b) => {
		const [data] = b;
		if (!ArrayBuffer.isView(data) || data.byteLength === 0) throw new Malformed("the file is missing");
		return {
			id: index(c, "id"),
			name: text(c, "name"),
			mime: oneOf(c, "mime", ["image/gif", "image/png"]),
			data: bytes(b, 0, [data.byteLength]),
		};
	},
	dream_card: (c, b) => {
		// A buffer for each picture that there is, in this order.
		let next = 0;
		const take = (shape: readonly number[]): Pixels => {
			const [height = 1, width = 1] = shape;
			return { height, width, rgb: bytes(b, next++, [...shape, 3]) };
		};
		const weights = c.weights === null ? null : take(sizes(c, "weights", 2, 2));
		const map = c.map === null ? null : take(sizes(c, "map", 2, 2));
		const patches = list(c, "patches", isRecord).map(
			(patch): Patch => ({
				name: text(patch, "name"),
				image_idx: index(patch, "image_idx"),
				score: number(patch, "score"),
				box: box(patch),
				picture: take(sizes(patch, "shape", 2, 2)),
			}),
		);
		return { id: index(c, "id"), place: index(c, "place"), title: text(c, "title"), weights, map, patches };
	},
};

function box(patch: Content): number[] {
	const edges = list(patch, "box", isNumber);
	const [top = 1, left = 1, bottom = 0, right = 0] = edges;
	const inside = edges.every((edge) => edge >= 0 && edge <= 1);
	if (edges.length !== 4 || !inside || top > bottom || left > right) throw new Malformed("box is no part of a picture");
	return edges;
}
