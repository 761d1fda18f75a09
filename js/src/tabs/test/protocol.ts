// The messages about regions that are covered; kernel/protocol.ts reads them with all others.

import {
	type Buffers,
	bytes,
	type Content,
	flag,
	floats,
	index,
	isIndex,
	isNumber,
	isRecord,
	isText,
	list,
	Malformed,
	magnitude,
	number,
	orNull,
	share,
	sizes,
	text,
} from "../../kernel/fields";
import type { Readers } from "../../kernel/protocol";

/** Before and after. */
export type Pair = [number, number];

/** The whole image blurred: what the page draws an edit from before the kernel has. */
export interface Draft {
	kind: "draft";
	image_idx: number;
	input_idx: number;
	size: number[];
	rgb: Uint8Array;
}

/** One class. */
export interface Row {
	index: number;
	label: string;
	before: number;
	after: number;
	probability: Pair | null;
	/** The highest score has 1. */
	rank: Pair;
}

/** What covering has done; comes several times, better each time. */
export interface Intervention {
	kind: "intervention";
	/** The token of the region. */
	region: number;
	replace: string;
	keep: boolean;
	progress: number;
	final: boolean;
	target: string;
	units: string;
	before: number;
	after: number;
	change: number;
	probability: Pair | null;
	log_odds: Pair | null;
	p: number | null;
	/** How many controls there will be. */
	wanted: number;
	/** Changes under other replacements, by their names. */
	agreement: Record<string, number>;
	sentence: string;
	notes: string[];
	rows: Row[];
	size: number[];
	ms: number;
	passes: number;
	/** Changes of the controls so far. */
	controls: Float32Array;
	/** The edited image. */
	rgb: Uint8Array;
}

/** The region under each replacement, small. */
export interface Previews {
	kind: "previews";
	region: number;
	names: string[];
	size: number[];
	rgb: Uint8Array;
}

/** The region on one other background. */
export interface SwapTile {
	name: string;
	/** Its top class there. */
	label: string;
	probability: number | null;
	flips: boolean;
}

export interface Swaps {
	kind: "swaps";
	region: number;
	progress: number;
	final: boolean;
	sentence: string;
	/** How often the top class changes, of how many, and the ends of the interval. */
	flipped: [number, number, number, number];
	tiles: SwapTile[];
	size: number[];
	rgb: Uint8Array;
}

/** A dot of the chart was pointed at: where that control lies; null where none is. */
export interface PatchShown {
	kind: "patch";
	size: [number, number] | null;
	bits: string | null;
}

export type TestToPage = Draft | Intervention | Previews | Swaps | PatchShown;

export type TestToKernel = { kind: "swap" | "stop swap" } | { kind: "stop" | "again"; pane: string };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const TEST_READERS: Readers<TestToPage> = {
	draft: (c, b) => {
		const size = sizes(c, "size", 2, 2);
		return { image_idx: index(c, "image_idx"), input_idx: index(c, "input_idx"), size, rgb: bytes(b, 0, [...size, 3]) };
	},
	intervention: (c, b) => {
		const size = sizes(c, "size", 2, 2);
		return {
			region: index(c, "region"),
			replace: text(c, "replace"),
			keep: flag(c, "keep"),
			progress: share(c, "progress"),
			final: flag(c, "final"),
			target: text(c, "target"),
			units: text(c, "units"),
			before: number(c, "before"),
			after: number(c, "after"),
			change: number(c, "change"),
			probability: pairOrNull(c, "probability", isShare),
			log_odds: pairOrNull(c, "log_odds", isNumber),
			p: c.p === null ? null : share(c, "p"),
			wanted: index(c, "wanted"),
			agreement: changes(c),
			sentence: text(c, "sentence"),
			notes: list(c, "notes", isText),
			rows: list(c, "rows", isRecord).map(row),
			size,
			ms: magnitude(c, "ms"),
			passes: index(c, "passes"),
			controls: controls(b),
			rgb: bytes(b, 1, [...size, 3]),
		};
	},
	previews: (c, b) => {
		const size = sizes(c, "size", 2, 2);
		const names = list(c, "names", isText);
		return { region: index(c, "region"), names, size, rgb: bytes(b, 0, [names.length, ...size, 3]) };
	},
	swaps: (c, b) => {
		const size = sizes(c, "size", 2, 2);
		const tiles = list(c, "tiles", isRecord).map(tile);
		return {
			region: index(c, "region"),
			progress: share(c, "progress"),
			final: flag(c, "final"),
			sentence: text(c, "sentence"),
			flipped: flipped(c),
			tiles,
			size,
			rgb: bytes(b, 0, [tiles.length, ...size, 3]),
		};
	},
	patch: (c) => {
		if (c.size === null && c.bits === null) return { size: null, bits: null };
		const size = sizes(c, "size", 2, 2) as Pair;
		const [height, width] = size;
		const bits = text(c, "bits");
		const letters = 4 * Math.ceil(Math.ceil((height * width) / 8) / 3);
		if (bits.length !== letters || !BASE64.test(bits)) throw new Malformed("bits are no region of this size");
		return { size, bits };
	},
};

function isShare(value: unknown): value is number {
	return isNumber(value) && value >= 0 && value <= 1;
}

function pair(content: Content, key: string, is: (item: unknown) => item is number): Pair {
	const both = list(content, key, is);
	if (both.length !== 2) throw new Malformed(`${key} is not before and after`);
	return both as Pair;
}

function pairOrNull(content: Content, key: string, is: (item: unknown) => item is number): Pair | null {
	return content[key] === null ? null : pair(content, key, is);
}

function changes({ agreement }: Content): Record<string, number> {
	if (!isRecord(agreement) || !Object.values(agreement).every(isNumber)) throw new Malformed("agreement is no changes");
	return agreement as Record<string, number>;
}

function row(content: Content): Row {
	const rank = pair(content, "rank", isIndex);
	if (rank.includes(0)) throw new Malformed("rank does not begin at 1");
	return {
		index: index(content, "index"),
		label: text(content, "label"),
		before: number(content, "before"),
		after: number(content, "after"),
		probability: pairOrNull(content, "probability", isShare),
		rank,
	};
}

/** None have come yet where the buffer is empty. */
function controls(buffers: Buffers): Float32Array {
	const [first] = buffers;
	return ArrayBuffer.isView(first) && first.byteLength === 0 ? new Float32Array() : floats(buffers, 0);
}

function tile(content: Content): SwapTile {
	return {
		name: text(content, "name"),
		label: text(content, "label"),
		probability: orNull(isShare)(content.probability) ? content.probability : share(content, "probability"),
		flips: flag(content, "flips"),
	};
}

function flipped(content: Content): Swaps["flipped"] {
	const numbers = list(content, "flipped", isNumber);
	const [count = -1, of = -1, low = -1, high = -1] = numbers;
	const fits = isIndex(count) && isIndex(of) && count <= of && isShare(low) && isShare(high) && low <= high;
	if (numbers.length !== 4 || !fits) throw new Malformed("flipped is not count, of, low and high");
	return [count, of, low, high];
}
