// The small maps of the layer rail. Pure.

import type { Thumbnails } from "../kernel/protocol";

export interface Thumbnail {
	size: number;
	gray: Uint8Array;
}

/** `known` with those of a message: they come a few layers at a time, so an old one stays until its layer's turn. */
export function withThumbnails(known: ReadonlyMap<number, Thumbnail>, message: Thumbnails): Map<number, Thumbnail> {
	const { size, indices, gray } = message;
	const cells = size * size;
	return new Map([
		...known,
		...indices.map((layer, at): [number, Thumbnail] => [
			layer,
			{ size, gray: gray.subarray(at * cells, (at + 1) * cells) },
		]),
	]);
}
