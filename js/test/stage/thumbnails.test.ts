import { expect, it } from "vitest";
import { withThumbnails } from "../../src/stage/thumbnails";

const of = (indices: number[], gray: number[]) =>
	({ kind: "thumbnails", image_idx: 0, size: 1, indices, gray: Uint8Array.from(gray) }) as const;

it("keeps what came before and takes the newer of one layer", () => {
	const first = withThumbnails(new Map(), of([2, 5], [10, 20]));
	const both = withThumbnails(first, of([5, 7], [30, 40]));
	expect([...both].map(([layer, { gray }]) => [layer, ...gray])).toEqual([
		[2, 10],
		[5, 30],
		[7, 40],
	]);
	expect(first.size).toBe(2);
});
