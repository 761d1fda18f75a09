// Which pixels of an image are marked: the ways to mark them, as regions.py has them, and how they travel. Pure.

import type { WireRegion } from "../../kernel/traits";

/** A byte a pixel, row by row: 1 inside, 0 outside. */
export interface Mask {
	height: number;
	width: number;
	bits: Uint8Array;
}

/** In pixels from the upper left corner; the centre of the first pixel is at (0.5, 0.5). */
export interface Point {
	x: number;
	y: number;
}

export function blankMask(height: number, width: number): Mask {
	return { height, width, bits: new Uint8Array(height * width) };
}

export function isEmpty(mask: Mask | null): boolean {
	return !mask?.bits.includes(1);
}

/** A box by its upper left corner, its width and its height. */
export function rectangle(height: number, width: number, x: number, y: number, wide: number, high: number): Mask {
	const mask = blankMask(height, width);
	const inside = (at: number, from: number, size: number) => at + 0.5 >= from && at + 0.5 < from + size;
	const first = within(Math.floor(x), width);
	for (let row = within(Math.floor(y), height); row < height && row < y + high; row++) {
		if (!inside(row, y, high)) continue;
		for (let column = first; column < width && column < x + wide; column++) {
			if (inside(column, x, wide)) mask.bits[row * width + column] = 1;
		}
	}
	return mask;
}

/** What a closed line encloses; what it goes around an even number of times is outside. */
export function polygon(height: number, width: number, points: readonly Point[]): Mask {
	const mask = blankMask(height, width);
	const { bits } = mask;
	points.forEach((from, at) => {
		const to = points[(at + 1) % points.length] as Point;
		const low = Math.min(from.y, to.y);
		const high = Math.max(from.y, to.y);
		for (let row = within(Math.floor(low), height); row < height && row + 0.5 < high; row++) {
			if (row + 0.5 < low) continue;
			// A row of pixels turns in or out where an edge crosses the line through its centres.
			const crossed = from.x + ((row + 0.5 - from.y) * (to.x - from.x)) / (to.y - from.y);
			const turn = within(Math.ceil(crossed - 0.5), width);
			if (turn < width) (bits[row * width + turn] as number) ^= 1;
		}
	});
	for (let i = 0; i < bits.length; i++) if (i % width !== 0) (bits[i] as number) ^= bits[i - 1] as number;
	return mask;
}

/** The mask with all pixels within `radius` of the line from one point to another set to `bit`. */
export function stroke({ height, width, bits: before }: Mask, from: Point, to: Point, radius: number, bit = 1): Mask {
	const bits = before.slice();
	const [alongX, alongY] = [to.x - from.x, to.y - from.y];
	const length = alongX * alongX + alongY * alongY;
	const last = (a: number, b: number, size: number) => Math.min(size, Math.ceil(Math.max(a, b) + radius));
	const [right, bottom] = [last(from.x, to.x, width), last(from.y, to.y, height)];
	for (let row = within(Math.floor(Math.min(from.y, to.y) - radius), height); row < bottom; row++) {
		const fromY = row + 0.5 - from.y;
		for (let column = within(Math.floor(Math.min(from.x, to.x) - radius), width); column < right; column++) {
			const fromX = column + 0.5 - from.x;
			const nearest = length ? Math.min(1, Math.max(0, (fromX * alongX + fromY * alongY) / length)) : 0;
			const [x, y] = [fromX - nearest * alongX, fromY - nearest * alongY];
			if (x * x + y * y <= radius * radius) bits[row * width + column] = bit;
		}
	}
	return { height, width, bits };
}

/** The pixels of a map with its largest magnitudes, `percent` of all; of equal ones those first in reading order. */
export function strongest(values: Float32Array, height: number, width: number, percent: number): Mask {
	return ranked(values, height, width, percent, -1);
}

/** The same of the smallest magnitudes. */
export function weakest(values: Float32Array, height: number, width: number, percent: number): Mask {
	return ranked(values, height, width, percent, 1);
}

function ranked(values: Float32Array, height: number, width: number, percent: number, sign: 1 | -1): Mask {
	const mask = blankMask(height, width);
	const keys = values.map((value) => sign * Math.abs(value));
	const count = Math.max(1, halfEven((percent / 100) * values.length));
	const last = keys.slice().sort()[count - 1] as number;
	// As many of those that equal the last as there is room for.
	let room = count - keys.reduce((before, key) => before + Number(key < last), 0);
	keys.forEach((key, at) => {
		if (key < last || (key === last && room-- > 0)) mask.bits[at] = 1;
	});
	return mask;
}

/** Rounded as Python does: halves to the even number. */
export function halfEven(value: number): number {
	const down = Math.floor(value);
	if (value - down !== 0.5) return Math.round(value);
	return down % 2 === 0 ? down : down + 1;
}

export function invert({ height, width, bits }: Mask): Mask {
	return { height, width, bits: bits.map((bit) => 1 - bit) };
}

/** The mask with the other added, or taken out of it. */
export function combined({ height, width, bits }: Mask, other: Mask, removing = false): Mask {
	const part = (bit: number, at: number) => (other.bits[at] ? Number(!removing) : bit);
	return { height, width, bits: bits.map(part) };
}

/** The pixels that have the number of the one at `at`. */
export function superpixel(numbers: Uint16Array, height: number, width: number, { x, y }: Point): Mask {
	const number = numbers[Math.floor(y) * width + Math.floor(x)];
	return { height, width, bits: Uint8Array.from(numbers, (one) => Number(one === number)) };
}

/** Eight pixels a byte, the first in its highest bit, as np.packbits. */
export function packed({ bits }: Mask): Uint8Array {
	const bytes = new Uint8Array(Math.ceil(bits.length / 8));
	for (let i = 0; i < bits.length; i++) if (bits[i]) (bytes[i >> 3] as number) |= 0x80 >> (i & 7);
	return bytes;
}

/** As it travels; no pixel is no region. */
export function toWire(mask: Mask | null): WireRegion | null {
	if (!mask || isEmpty(mask)) return null;
	let text = "";
	for (const byte of packed(mask)) text += String.fromCharCode(byte);
	return { size: [mask.height, mask.width], bits: btoa(text) };
}

export function fromWire(wire: WireRegion | null): Mask | null {
	if (!wire) return null;
	const [height, width] = wire.size;
	const text = atob(wire.bits);
	const mask = blankMask(height, width);
	for (let i = 0; i < mask.bits.length; i++) mask.bits[i] = (text.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1;
	return mask;
}

/** By what messages name a region: the CRC-32 of its packed bits, as zlib's; 0 where there is none. */
export function token(mask: Mask | null): number {
	if (!mask || isEmpty(mask)) return 0;
	let crc = -1;
	for (const byte of packed(mask)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc >>> 0;
}

function within(at: number, most: number): number {
	return Math.min(most, Math.max(0, at));
}
