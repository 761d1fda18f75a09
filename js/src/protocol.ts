// The messages between page and kernel, mirrored by protocol.py; tests/protocol.json holds examples of each.

import { type Activation, QUESTION_NAMES, type Question } from "./traits";

export interface Picture {
	kind: "picture";
	image_idx: number;
	name: string;
	shape: [number, number, 3];
	rgb: Uint8Array;
}

export interface Scores {
	kind: "scores";
	image_idx: number;
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
	shape: [number, number];
	signed: boolean;
	/** The magnitude at which the scale ends. */
	top: number;
	units: string;
	method: string;
	target: string;
	ms: number;
	passes: number;
	notes: string[];
	final: boolean;
	python: string;
	values: Float32Array;
	rgb: Uint8Array | null;
}

export interface Failure {
	kind: "error";
	seq: number | null;
	asked: Question | null;
	about: "question" | "upload" | "message";
	text: string;
}

export interface Stopped {
	kind: "stopped";
	seq: number;
}

export interface Thumbnails {
	kind: "thumbnails";
	image_idx: number;
	size: number;
	indices: number[];
	gray: Uint8Array;
}

export type ToPage = Picture | Scores | Computing | Heatmap | Failure | Stopped | Thumbnails;

export type ToKernel = { kind: "ready" } | { kind: "stop" } | { kind: "upload"; name: string };

type Content = Record<string, unknown>;
type Buffers = readonly unknown[];

class Malformed extends Error {}

/** One row a message: how its content and buffers are read. */
const READERS: { [K in ToPage["kind"]]: (content: Content, buffers: Buffers) => Extract<ToPage, { kind: K }> } = {
	picture: (c, b) => {
		const shape = sizes(c, "shape", 3) as [number, number, 3];
		if (shape[2] !== 3) throw new Malformed("shape is not (h, w, 3)");
		return { kind: "picture", image_idx: index(c, "image_idx"), name: text(c, "name"), shape, rgb: bytes(b, 0, shape) };
	},
	scores: (c, b) => {
		const activation = oneOf(c, "activation", ["softmax", "sigmoid", "none"] as const);
		return { kind: "scores", image_idx: index(c, "image_idx"), activation, values: floats(b, 0) };
	},
	computing: (c) => ({ kind: "computing", seq: index(c, "seq"), asked: question(c.asked) }),
	map: (c, b) => {
		const shape = sizes(c, "shape", 2) as [number, number];
		const values = floats(b, 0);
		if (values.length !== shape[0] * shape[1]) throw new Malformed("buffer 0 does not fit shape");
		const top = number(c, "top");
		if (top < 0) throw new Malformed("top is no magnitude");
		return {
			kind: "map",
			seq: index(c, "seq"),
			query: text(c, "query"),
			asked: question(c.asked),
			shape,
			signed: flag(c, "signed"),
			top,
			units: text(c, "units"),
			method: text(c, "method"),
			target: text(c, "target"),
			ms: number(c, "ms"),
			passes: index(c, "passes"),
			notes: list(c, "notes", (item): item is string => typeof item === "string"),
			final: flag(c, "final"),
			python: text(c, "python"),
			values,
			rgb: flag(c, "picture") ? bytes(b, 1, [...shape, 3]) : null,
		};
	},
	error: (c) => ({
		kind: "error",
		seq: c.seq === null ? null : index(c, "seq"),
		asked: c.asked === null ? null : question(c.asked),
		about: oneOf(c, "about", ["question", "upload", "message"] as const),
		text: text(c, "text"),
	}),
	stopped: (c) => ({ kind: "stopped", seq: index(c, "seq") }),
	thumbnails: (c, b) => {
		const size = index(c, "size");
		const indices = list(c, "indices", isIndex);
		const gray = bytes(b, 0, [indices.length, size, size]);
		return { kind: "thumbnails", image_idx: index(c, "image_idx"), size, indices, gray };
	},
};

/** The checked message, or null (and a warning) when it is ill-formed: a bad message never stops the page. */
export function readMessage(content: unknown, buffers: Buffers | null | undefined): ToPage | null {
	try {
		if (!isRecord(content) || typeof content.kind !== "string") throw new Malformed("no kind");
		if (!Object.hasOwn(READERS, content.kind)) throw new Malformed(`unknown kind ${content.kind}`);
		return READERS[content.kind as ToPage["kind"]](content, buffers ?? []);
	} catch (error) {
		if (!(error instanceof Malformed)) throw error;
		console.warn(`salwidget ignored a message: ${error.message}`, content);
		return null;
	}
}

function isRecord(value: unknown): value is Content {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIndex(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function index(content: Content, key: string): number {
	const value = content[key];
	if (!isIndex(value)) throw new Malformed(`${key} is no index`);
	return value;
}

function number(content: Content, key: string): number {
	const value = content[key];
	if (typeof value !== "number" || !Number.isFinite(value)) throw new Malformed(`${key} is no number`);
	return value;
}

function text(content: Content, key: string): string {
	const value = content[key];
	if (typeof value !== "string") throw new Malformed(`${key} is no text`);
	return value;
}

function flag(content: Content, key: string): boolean {
	const value = content[key];
	if (typeof value !== "boolean") throw new Malformed(`${key} is no boolean`);
	return value;
}

function oneOf<T extends string>(content: Content, key: string, allowed: readonly T[]): T {
	const value = content[key] as T;
	if (!allowed.includes(value)) throw new Malformed(`${key} is none of ${allowed.join(", ")}`);
	return value;
}

function list<T>(content: Content, key: string, is: (item: unknown) => item is T): T[] {
	const value = content[key];
	if (!Array.isArray(value) || !value.every(is)) throw new Malformed(`${key} is no such list`);
	return value;
}

function sizes(content: Content, key: string, length: number): number[] {
	const value = list(content, key, isIndex);
	if (value.length !== length || value.includes(0)) throw new Malformed(`${key} is no shape of ${length} sizes`);
	return value;
}

function question(value: unknown): Question {
	if (!isRecord(value) || !QUESTION_NAMES.every((name) => Object.hasOwn(value, name)) || !isRecord(value.options)) {
		throw new Malformed("asked is no question");
	}
	return value as unknown as Question;
}

function view(buffers: Buffers, at: number): ArrayBufferView {
	const buffer = buffers[at];
	if (!ArrayBuffer.isView(buffer)) throw new Malformed(`buffer ${at} is missing`);
	return buffer;
}

function bytes(buffers: Buffers, at: number, shape: readonly number[]): Uint8Array {
	const { buffer, byteOffset, byteLength } = view(buffers, at);
	const wanted = shape.reduce((product, size) => product * size, 1);
	if (byteLength !== wanted) throw new Malformed(`buffer ${at} has ${byteLength} bytes, not ${wanted}`);
	return new Uint8Array(buffer, byteOffset, byteLength);
}

function floats(buffers: Buffers, at: number): Float32Array {
	const { buffer, byteOffset, byteLength } = view(buffers, at);
	if (byteLength === 0 || byteLength % 4 !== 0) throw new Malformed(`buffer ${at} holds no float32 values`);
	// A DataView into a websocket frame starts anywhere; a Float32Array only at multiples of 4.
	if (byteOffset % 4 !== 0) return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
	return new Float32Array(buffer, byteOffset, byteLength / 4);
}
