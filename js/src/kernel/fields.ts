// How a field of a message is read and checked; the first that is ill-formed ends the reading.

import { QUESTION_CONTROLS, type QuestionControls } from "./traits";

export type Content = Record<string, unknown>;
export type Buffers = readonly unknown[];

const LONGEST_NAME = 40;

export class Malformed extends Error {}

export const isRecord = (value: unknown): value is Content =>
	typeof value === "object" && value !== null && !Array.isArray(value);
export const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isNumber = (value: unknown): value is number => Number.isFinite(value);
export const isText = (value: unknown): value is string => typeof value === "string";

export const index = field("index", isIndex);
export const text = field("text", isText);
/** The name of a pane. */
export const pane = field(
	"pane's name",
	(value): value is string => isText(value) && value !== "" && value.length <= LONGEST_NAME,
);
export const flag = field("boolean", (value): value is boolean => typeof value === "boolean");
export const number = field("number", isNumber);
export const magnitude = field("magnitude", (value): value is number => within(value, Number.MAX_VALUE));
export const share = field("share of 1", (value): value is number => within(value, 1));

function field<T>(what: string, is: (value: unknown) => value is T): (content: Content, key: string) => T {
	return (content, key) => {
		const value = content[key];
		if (!is(value)) throw new Malformed(`${key} is no ${what}`);
		return value;
	};
}

function within(value: unknown, most: number): boolean {
	return typeof value === "number" && value >= 0 && value <= most;
}

export function oneOf<T extends string>(content: Content, key: string, allowed: readonly T[]): T {
	return field(allowed.join(" or "), (value): value is T => allowed.includes(value as T))(content, key);
}

export function list<T>(content: Content, key: string, is: (item: unknown) => item is T): T[] {
	return field("such list", (value): value is T[] => Array.isArray(value) && value.every(is))(content, key);
}

/** A shape of `least` to `most` sizes, none of them 0. */
export function sizes(content: Content, key: string, least: number, most: number): number[] {
	const value = list(content, key, isIndex);
	if (value.length < least || value.length > most || value.includes(0)) {
		throw new Malformed(`${key} is no shape of ${least === most ? least : `${least} to ${most}`} sizes`);
	}
	return value;
}

/** What is null on the wire where there is none, else an item that `is` so. */
export function orNull<T>(is: (item: unknown) => item is T): (item: unknown) => item is T | null {
	return (item): item is T | null => item === null || is(item);
}

/** The controls that a question was asked with. */
export function askedWith(value: unknown): QuestionControls {
	if (!isRecord(value) || !QUESTION_CONTROLS.every((name) => Object.hasOwn(value, name)) || !isRecord(value.options)) {
		throw new Malformed("asked is no question");
	}
	return value as unknown as QuestionControls;
}

export function bytes(buffers: Buffers, at: number, shape: readonly number[]): Uint8Array {
	const { buffer, byteOffset, byteLength } = view(buffers, at);
	const wanted = product(shape);
	if (byteLength !== wanted) throw new Malformed(`buffer ${at} has ${byteLength} bytes, not ${wanted}`);
	return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The float32 values of a buffer; as many as `shape` says, where it is given. */
export function floats(buffers: Buffers, at: number, shape?: readonly number[]): Float32Array {
	const { buffer, byteOffset, byteLength } = view(buffers, at);
	if (byteLength === 0 || byteLength % 4 !== 0) throw new Malformed(`buffer ${at} holds no float32 values`);
	if (shape && byteLength !== 4 * product(shape)) throw new Malformed(`buffer ${at} does not fit shape`);
	// A DataView into a websocket frame starts anywhere; a Float32Array only at multiples of 4.
	if (byteOffset % 4 !== 0) return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
	return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** The uint16 values of a buffer. */
export function shorts(buffers: Buffers, at: number, shape: readonly number[]): Uint16Array {
	const { buffer, byteOffset, byteLength } = view(buffers, at);
	if (byteLength !== 2 * product(shape)) throw new Malformed(`buffer ${at} does not fit size`);
	return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function view(buffers: Buffers, at: number): ArrayBufferView {
	const buffer = buffers[at];
	if (!ArrayBuffer.isView(buffer)) throw new Malformed(`buffer ${at} is missing`);
	return buffer;
}

function product(shape: readonly number[]): number {
	return shape.reduce((total, size) => total * size, 1);
}
