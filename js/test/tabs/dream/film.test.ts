import { describe, expect, it } from "vitest";
import {
	type Film,
	isNews,
	MOST_BYTES,
	MOST_MOMENTS,
	momentAt,
	NO_FILM,
	shrunk,
	withFrame,
} from "../../../src/tabs/dream/film";
import { dreamMessage, frameMessage, gridMessage } from "./messages";

const SINGLE = dreamMessage();

/** The film after steps 1 to `last`. */
function filmed(last: number, changes: Parameters<typeof frameMessage>[0] = {}): Film {
	let film = NO_FILM;
	for (let step = 1; step <= last; step++) film = withFrame(film, frameMessage({ ...changes, step }), SINGLE);
	return film;
}

const steps = ({ moments }: Film) => moments.map(({ step }) => step);

describe("a film", () => {
	it("keeps every step while there is room", () => {
		expect(steps(filmed(MOST_MOMENTS))).toEqual(Array.from({ length: MOST_MOMENTS }, (_, at) => at + 1));
	});

	it("drops every second moment when it is full, and always ends with the newest", () => {
		const full = filmed(MOST_MOMENTS + 1);
		expect(steps(full)).toEqual(Array.from({ length: 121 }, (_, at) => 2 * at + 1));
		expect(steps(filmed(MOST_MOMENTS + 2)).slice(-2)).toEqual([241, 242]);
		expect(steps(filmed(MOST_MOMENTS + 3)).slice(-2)).toEqual([241, 243]);
	});

	it.each([241, 480, 777, 1000, 4096])("of %i steps is even and bounded, from the first step to the last", (last) => {
		const all = steps(filmed(last));
		expect(all.length).toBeLessThanOrEqual(MOST_MOMENTS);
		expect([all[0], all.at(-1)]).toEqual([1, last]);
		expect(new Set(all.slice(1, -1).map((step, at) => step - (all[at] as number))).size).toBe(1);
	});

	it("is bounded in bytes too, but keeps two moments of any size", () => {
		const rgb = new Uint8Array(MOST_BYTES / 8);
		let film = NO_FILM;
		for (let step = 1; step <= 40; step++) {
			film = withFrame(film, frameMessage({ step, rgb, shape: [1, 1, rgb.length / 3, 3] }), SINGLE);
			expect(film.moments.length).toBeLessThanOrEqual(8);
			expect(film.moments.at(-1)?.step).toBe(step);
		}
		const huge = new Uint8Array(MOST_BYTES);
		const shape = [1, 1, Math.floor(MOST_BYTES / 3), 3];
		film = withFrame(NO_FILM, frameMessage({ step: 1, rgb: huge, shape }), SINGLE);
		film = withFrame(film, frameMessage({ step: 2, rgb: huge, shape }), SINGLE);
		film = withFrame(film, frameMessage({ step: 3, rgb: huge, shape }), SINGLE);
		expect(steps(film)).toEqual([1, 3]);
	});

	it("cuts a frame into its images", () => {
		const rgb = Uint8Array.from({ length: 12 }, (_, i) => i);
		const frame = frameMessage({ count: 2, scores: [1.5, null], rgb });
		const [moment] = withFrame(NO_FILM, frame, dreamMessage({ titles: ["a", "b"] })).moments;
		expect(moment?.images.map((image) => [...(image?.rgb ?? [])])).toEqual([
			[0, 1, 2, 3, 4, 5],
			[6, 7, 8, 9, 10, 11],
		]);
		expect(moment?.images.map((image) => image?.score)).toEqual([1.5, null]);
	});

	it("takes no step back, and none twice", () => {
		const film = filmed(5);
		expect([4, 5, 6].map((step) => isNews(film, frameMessage({ step })))).toEqual([false, false, true]);
		expect(isNews(NO_FILM, frameMessage({ step: 0 }))).toBe(true);
	});

	it("finds the place of a step, also of one that it dropped", () => {
		const film = filmed(MOST_MOMENTS + 1);
		expect([0, 1, 2, 3, 240, 241, 999].map((step) => momentAt(film, step))).toEqual([0, 0, 0, 1, 119, 120, 120]);
	});
});

describe("a grid", () => {
	const dream = gridMessage(5);

	it("fills batch by batch, without a history", () => {
		let film = withFrame(NO_FILM, frameMessage({ count: 2, step: 8 }), dream);
		expect(film.moments[0]?.images.map((image) => image?.step ?? null)).toEqual([8, 8, null, null, null]);
		film = withFrame(film, frameMessage({ count: 2, offset: 2, step: 1 }), dream);
		expect(film.moments.map(({ images }) => images.map((image) => image?.step ?? null))).toEqual([[8, 8, 1, 1, null]]);
		expect(film.moments[0]).toMatchObject({ step: 1, offset: 2, count: 2 });
	});

	it("judges what is new by the tile", () => {
		const film = withFrame(NO_FILM, frameMessage({ count: 2, step: 8 }), dream);
		expect(isNews(film, frameMessage({ count: 2, step: 3 }))).toBe(false);
		expect(isNews(film, frameMessage({ count: 2, offset: 2, step: 1 }))).toBe(true);
	});

	it("of many filters keeps them small", () => {
		const side = 300;
		const many = gridMessage(2000);
		const frame = frameMessage({ shape: [1, side, side, 3], rgb: new Uint8Array(3 * side * side).fill(200) });
		const image = withFrame(NO_FILM, frame, many).moments[0]?.images[0];
		expect(2000 * (image?.rgb.length ?? 0)).toBeLessThanOrEqual(MOST_BYTES);
		expect(new Set(image?.rgb)).toEqual(new Set([200]));
		expect(image?.width).toBeGreaterThan(64);
	});
});

describe("shrinking", () => {
	it("takes the mean of the pixels that fall together", () => {
		const rgb = Uint8Array.from([0, 10, 20, 40, 50, 60, 100, 100, 100, 200, 200, 202]);
		const { height, width, rgb: small } = shrunk({ height: 1, width: 4, rgb }, 2);
		expect([height, width, ...small]).toEqual([1, 2, 20, 30, 40, 150, 150, 151]);
	});

	it("keeps the form, and a picture that is small enough", () => {
		const wide = shrunk({ height: 4, width: 8, rgb: new Uint8Array(96) }, 4);
		expect([wide.height, wide.width, wide.rgb.length]).toEqual([2, 4, 24]);
		const line = shrunk({ height: 1, width: 1000, rgb: new Uint8Array(3000) }, 100);
		expect([line.height, line.width]).toEqual([1, 100]);
		const rgb = Uint8Array.from([1, 2, 3]);
		const kept = shrunk({ height: 1, width: 1, rgb }, 8);
		expect([...kept.rgb]).toEqual([1, 2, 3]);
		expect(kept.rgb.buffer).not.toBe(rgb.buffer);
	});
});
