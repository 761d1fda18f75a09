// The messages between page and kernel, mirrored by protocol.py; tests/protocol.json holds examples of each. A tab
// brings the readers of its own.

import {
	askedWith,
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
	pane,
	share,
	shorts,
	sizes,
	text,
} from "./fields";
import type { Activation, QuestionControls } from "./traits";

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

/** The point probe: what each cell of a feature map adds to the likeliest classes of an output. */
export interface Supports {
	kind: "supports";
	image_idx: number;
	input_idx: number;
	/** The output. */
	layer: number;
	/** The likeliest first, and their names. */
	classes: number[];
	labels: string[];
	/** Of the feature map: 1 to 3 sizes. */
	shape: number[];
	cam_layer: string;
	units: string;
	/** Class by class, cell by cell. */
	values: Float32Array;
}

export interface Computing {
	kind: "computing";
	pane: string;
	seq: number;
	asked: QuestionControls;
}

export interface Heatmap {
	kind: "map";
	pane: string;
	seq: number;
	query: string;
	asked: QuestionControls;
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
	/** null unless it is about a question. */
	pane: string | null;
	seq: number | null;
	asked: QuestionControls | null;
	/** "question", "upload", "message", or the name of a tab. */
	about: string;
	text: string;
}

export interface Stopped {
	kind: "stopped";
	pane: string;
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

/** Which superpixel each pixel of an image (h, w) belongs to. */
export interface Superpixels {
	kind: "superpixels";
	image_idx: number;
	input_idx: number;
	size: [number, number];
	numbers: Uint16Array;
}

/** The messages about the answer of one pane. */
export type Answer = Computing | Heatmap | Failure | Stopped;

/** The messages to the page, but for those that only one tab reads. */
export type ToPage =
	| Picture
	| Series
	| Scores
	| Supports
	| Computing
	| Heatmap
	| Failure
	| Stopped
	| Picked
	| Thumbnails
	| Superpixels;

/** `loopback`: the page came from this machine, where a small reply would wait (see `filled` in protocol.py). */
export type ToKernel =
	| { kind: "ready"; loopback: boolean }
	| { kind: "stop"; pane: string }
	| { kind: "again"; pane: string }
	| { kind: "superpixels" }
	| { kind: "probe" }
	| { kind: "upload"; name: string };

/** A message of either direction that only one tab knows. */
export interface TabMessage {
	kind: string;
}

export type Reader = (content: Content, buffers: Buffers) => object;

/** How the content and buffers of each kind are read. */
export type Readers<M extends TabMessage> = {
	[K in M["kind"]]: (content: Content, buffers: Buffers) => Omit<Extract<M, { kind: K }>, "kind">;
};

const READERS: Readers<ToPage> = {
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
	supports: (c, b) => {
		const classes = list(c, "classes", isIndex);
		const labels = list(c, "labels", isText);
		const shape = sizes(c, "shape", 1, 3);
		if (labels.length !== classes.length) throw new Malformed("labels are not those of classes");
		return {
			image_idx: index(c, "image_idx"),
			input_idx: index(c, "input_idx"),
			layer: index(c, "layer"),
			classes,
			labels,
			shape,
			cam_layer: text(c, "cam_layer"),
			units: text(c, "units"),
			values: floats(b, 0, [classes.length, ...shape]),
		};
	},
	computing: (c) => ({ pane: pane(c, "pane"), seq: index(c, "seq"), asked: askedWith(c.asked) }),
	map: (c, b) => {
		const shape = sizes(c, "shape", 1, 3);
		const values = floats(b, 0, shape);
		const painted = flag(c, "picture");
		if (painted && shape.length !== 2) throw new Malformed("only a map of two sizes can be a picture");
		return {
			pane: pane(c, "pane"),
			seq: index(c, "seq"),
			query: text(c, "query"),
			asked: askedWith(c.asked),
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
	error: (c) => {
		const about = text(c, "about");
		if (about !== "question" && c.pane !== null) throw new Malformed("only an error about a question has a pane");
		return {
			pane: about === "question" ? pane(c, "pane") : null,
			seq: c.seq === null ? null : index(c, "seq"),
			asked: c.asked === null ? null : askedWith(c.asked),
			about,
			text: text(c, "text"),
		};
	},
	stopped: (c) => ({ pane: pane(c, "pane"), seq: index(c, "seq"), text: text(c, "text") }),
	picked: (c) => ({ index: index(c, "index") }),
	thumbnails: (c, b) => {
		const size = index(c, "size");
		const indices = list(c, "indices", isIndex);
		const gray = bytes(b, 0, [indices.length, size, size]);
		return { image_idx: index(c, "image_idx"), size, indices, gray };
	},
	superpixels: (c, b) => {
		const size = sizes(c, "size", 2, 2) as [number, number];
		return { image_idx: index(c, "image_idx"), input_idx: index(c, "input_idx"), size, numbers: shorts(b, 0, size) };
	},
};

/** What a tab adds to the protocol: its readers by kind, and errors that are about its name. */
export interface TabProtocol {
	name: string;
	readers: Readonly<Record<string, Reader>>;
}

/**
 * What reads messages: the checked message, or null (and a warning) when it is ill-formed, since a bad message never
 * stops the page.
 */
export function readerOf(tabs: readonly TabProtocol[]) {
	const readers = new Map<string, Reader>([READERS, ...tabs.map((tab) => tab.readers)].flatMap(Object.entries));
	const abouts = ["question", "upload", "message", ...tabs.map(({ name }) => name)];
	return (content: unknown, buffers: Buffers | null | undefined): ToPage | TabMessage | null => {
		try {
			if (!isRecord(content)) throw new Malformed("no kind");
			const kind = text(content, "kind");
			const read = readers.get(kind);
			if (!read) throw new Malformed(`unknown kind ${kind}`);
			if (kind === "error") oneOf(content, "about", abouts);
			return { kind, ...read(content, buffers ?? []) };
		} catch (error) {
			if (!(error instanceof Malformed)) throw error;
			console.warn(`salwidget ignored a message: ${error.message}`, content);
			return null;
		}
	};
}

/** Whether a message that was read is for all tabs. */
export function isForAll(message: ToPage | TabMessage): message is ToPage {
	return Object.hasOwn(READERS, message.kind);
}

/** Which input of which example it is. */
function input(content: Content): Pick<Picture, "image_idx" | "input_idx" | "name"> {
	return {
		image_idx: index(content, "image_idx"),
		input_idx: index(content, "input_idx"),
		name: text(content, "name"),
	};
}
