// The messages between page and kernel, mirrored by protocol.py; tests/protocol.json holds examples of each.

import { DREAM_READERS, type DreamToKernel, type DreamToPage } from "../tabs/dream/protocol";
import {
	type Buffers,
	bytes,
	type Content,
	flag,
	floats,
	index,
	isIndex,
	isRecord,
	isText,
	list,
	Malformed,
	magnitude,
	number,
	oneOf,
	question,
	share,
	sizes,
	text,
} from "./fields";
import type { Activation, Question } from "./traits";

/** An input that is an image (h, w, 3) or a volume (d, h, w, 3). */
export interface Picture {
	kind: "picture";
	image_idx: number;
	input_idx: number;
	name: string;
	shape: number[];
	rgb: Uint8Array;
}

/** An input along one axis: `shape` is (length, channels). Called so because `signal` is Preact's word too. */
export interface Series {
	kind: "signal";
	image_idx: number;
	input_idx: number;
	name: string;
	shape: [number, number];
	values: Float32Array;
}

export interface Scores {
	kind: "scores";
	image_idx: number;
	/** The output that these are of. */
	layer: number;
	activation: Activation;
	values: Float32Array;
}

export interface Computing {
	kind: "computing";
	seq: number;
	asked: Question;
}

export interface Heatmap {
	kind: "map";
	seq: number;
	query: string;
	asked: Question;
	/** As many sizes as the input has axes: 1 to 3. */
	shape: number[];
	signed: boolean;
	/** The magnitude at which the scale ends. */
	top: number;
	units: string;
	method: string;
	target: string;
	ms: number;
	passes: number;
	notes: string[];
	/** The share of the work that is done. */
	progress: number;
	final: boolean;
	values: Float32Array;
	rgb: Uint8Array | null;
}

export interface Failure {
	kind: "error";
	seq: number | null;
	asked: Question | null;
	about: "question" | "upload" | "message" | "dream";
	text: string;
}

export interface Stopped {
	kind: "stopped";
	seq: number;
	/** Why the answer that was there is none any more; "" where the question was stopped. */
	text: string;
}

/** A class was clicked outside the view, in a chart. */
export interface Picked {
	kind: "picked";
	index: number;
}

export interface Thumbnails {
	kind: "thumbnails";
	image_idx: number;
	size: number;
	indices: number[];
	gray: Uint8Array;
}

export type ToPage =
	| Picture
	| Series
	| Scores
	| Computing
	| Heatmap
	| Failure
	| Stopped
	| Picked
	| Thumbnails
	| DreamToPage;

/** `loopback`: the page came from this machine, where a small reply would wait (see `filled` in protocol.py). */
export type ToKernel =
	| { kind: "ready"; loopback: boolean }
	| { kind: "stop" }
	| { kind: "again" }
	| { kind: "upload"; name: string }
	| DreamToKernel;

type Kind = ToPage["kind"];

/** One row a message: how its content and buffers are read. */
const READERS: { [K in Kind]: (content: Content, buffers: Buffers) => Omit<Extract<ToPage, { kind: K }>, "kind"> } = {
	picture: (c, b) => {
		const shape = sizes(c, "shape", 3, 4);
		if (shape.at(-1) !== 3) throw new Malformed("shape does not end in 3 colours");
		return { ...input(c), shape, rgb: bytes(b, 0, shape) };
	},
	signal: (c, b) => {
		const shape = sizes(c, "shape", 2, 2) as [number, number];
		return { ...input(c), shape, values: floats(b, 0, shape) };
	},
	scores: (c, b) => {
		const activation = oneOf(c, "activation", ["softmax", "sigmoid", "none"] as const);
		return {
			image_idx: index(c, "image_idx"),
			layer: index(c, "layer"),
			activation,
			values: floats(b, 0),
		};
	},
	computing: (c) => ({ seq: index(c, "seq"), asked: question(c.asked) }),
	map: (c, b) => {
		const shape = sizes(c, "shape", 1, 3);
		const values = floats(b, 0, shape);
		const painted = flag(c, "picture");
		if (painted && shape.length !== 2) throw new Malformed("only a map of two sizes can be a picture");
		return {
			seq: index(c, "seq"),
			query: text(c, "query"),
			asked: question(c.asked),
			shape,
			signed: flag(c, "signed"),
			top: magnitude(c, "top"),
			units: text(c, "units"),
			method: text(c, "method"),
			target: text(c, "target"),
			ms: number(c, "ms"),
			passes: index(c, "passes"),
			notes: list(c, "notes", isText),
			progress: share(c, "progress"),
			final: flag(c, "final"),
			values,
			rgb: painted ? bytes(b, 1, [...shape, 3]) : null,
		};
	},
	error: (c) => ({
		seq: c.seq === null ? null : index(c, "seq"),
		asked: c.asked === null ? null : question(c.asked),
		about: oneOf(c, "about", ["question", "upload", "message", "dream"] as const),
		text: text(c, "text"),
	}),
	stopped: (c) => ({ seq: index(c, "seq"), text: text(c, "text") }),
	picked: (c) => ({ index: index(c, "index") }),
	thumbnails: (c, b) => {
		const size = index(c, "size");
		const indices = list(c, "indices", isIndex);
		const gray = bytes(b, 0, [indices.length, size, size]);
		return { image_idx: index(c, "image_idx"), size, indices, gray };
	},
	...DREAM_READERS,
};

export function isOfDreams(message: ToPage): message is DreamToPage {
	return Object.hasOwn(DREAM_READERS, message.kind);
}

/** The checked message, or null (and a warning) when it is ill-formed: a bad message never stops the page. */
export function readMessage(content: unknown, buffers: Buffers | null | undefined): ToPage | null {
	try {
		if (!isRecord(content) || typeof content.kind !== "string") throw new Malformed("no kind");
		if (!Object.hasOwn(READERS, content.kind)) throw new Malformed(`unknown kind ${content.kind}`);
		const kind = content.kind as Kind;
		return { kind, ...READERS[kind](content, buffers ?? []) } as ToPage;
	} catch (error) {
		if (!(error instanceof Malformed)) throw error;
		console.warn(`salwidget ignored a message: ${error.message}`, content);
		return null;
	}
}

/** Which input of which example it is. */
function input(content: Content): Pick<Picture, "image_idx" | "input_idx" | "name"> {
	return {
		image_idx: index(content, "image_idx"),
		input_idx: index(content, "input_idx"),
		name: text(content, "name"),
	};
}
