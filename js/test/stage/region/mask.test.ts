import { describe, expect, it } from "vitest";
import examples from "../../../../tests/regions.json";
import {
	blankMask,
	combined,
	fromWire,
	halfEven,
	invert,
	type Mask,
	type Point,
	polygon,
	rectangle,
	stroke,
	strongest,
	superpixel,
	token,
	toWire,
	weakest,
} from "../../../src/stage/region/mask";

type Pair = [number, number];
const point = ([x, y]: Pair): Point => ({ x, y });

/** The arguments as regions.py takes them. */
const WAYS: Record<string, (height: number, width: number, given: never[]) => Mask> = {
	rectangle: (height, width, [x, y, wide, high]) =>
		rectangle(height, width, x as never, y as never, wide as never, high as never),
	polygon: (height, width, [points]) => polygon(height, width, (points as unknown as Pair[]).map(point)),
	brush: (height, width, [points, radius]) => {
		const path = (points as unknown as Pair[]).map(point);
		return path.reduce(
			(mask, to, at) => stroke(mask, path[Math.max(0, at - 1)] as Point, to, radius as never),
			blankMask(height, width),
		);
	},
	strongest: (height, width, [values, percent]) =>
		strongest(Float32Array.from(values as never), height, width, percent as never),
	weakest: (height, width, [values, percent]) =>
		weakest(Float32Array.from(values as never), height, width, percent as never),
};

describe("what is marked is what Python marks:", () => {
	it.each(examples.masks.map((example) => [example.way, example.why, example] as const))(
		"%s, %s",
		(way, _, example) => {
			const { size, given, bits } = example;
			const [height, width] = size as Pair;
			const mask = WAYS[way]?.(height, width, given as never) as Mask;
			expect(toWire(mask)).toEqual({ size, bits });
			expect(token(mask)).toBe(example.token);
			expect(fromWire({ size: size as Pair, bits })).toEqual(mask);
		},
	);
});

const mask = (width: number, ...bits: number[]): Mask => ({
	height: bits.length / width,
	width,
	bits: Uint8Array.from(bits),
});

it("erases what is under the stroke", () => {
	const all = invert(blankMask(3, 5));
	expect([...stroke(all, { x: 0, y: 1.5 }, { x: 5, y: 1.5 }, 0.5, 0).bits]).toEqual([
		1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
	]);
});

it("leaves the mask that it begins with", () => {
	const before = blankMask(2, 2);
	stroke(before, { x: 1, y: 1 }, { x: 1, y: 1 }, 5);
	expect([...before.bits]).toEqual([0, 0, 0, 0]);
});

it("adds and takes away", () => {
	const [left, middle] = [mask(4, 1, 1, 0, 0), mask(4, 0, 1, 1, 0)];
	expect([...combined(left, middle).bits]).toEqual([1, 1, 1, 0]);
	expect([...combined(left, middle, true).bits]).toEqual([1, 0, 0, 0]);
	expect([...invert(left).bits]).toEqual([0, 0, 1, 1]);
});

it("finds the superpixel under a point", () => {
	const numbers = Uint16Array.of(7, 7, 300, 7, 300, 300);
	expect([...superpixel(numbers, 2, 3, { x: 2.9, y: 0.2 }).bits]).toEqual([0, 0, 1, 0, 1, 1]);
});

it("sends an empty region as none", () => {
	expect([toWire(blankMask(3, 3)), toWire(null), fromWire(null)]).toEqual([null, null, null]);
	expect([token(blankMask(3, 3)), token(null)]).toEqual([0, 0]);
});

it("rounds halves to the even number", () => {
	expect([0.5, 1.5, 2.5, 2.4, 2.6].map(halfEven)).toEqual([0, 2, 2, 2, 3]);
});
