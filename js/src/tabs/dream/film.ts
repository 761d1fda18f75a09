// The pictures that the page keeps of one dream: a film of a few images, or a grid that fills. Pure.

import type { Pixels } from "../../stage/pixels";
import type { Dream, Frame } from "./protocol";

export const MOST_MOMENTS = 240;
export const MOST_BYTES = 64e6;

export interface Image extends Pixels {
	step: number;
	score: number | null;
}

/** What the stage shows at one time: an image for each title; null where none has come. */
export interface Moment {
	step: number;
	/** Which images were the last to come: the first of them, and how many. */
	offset: number;
	count: number;
	images: readonly (Image | null)[];
}

export interface Film {
	moments: readonly Moment[];
	/** How many frames came; the last of them stands at the end. */
	received: number;
	/** Before it, one of so many is kept. */
	every: number;
}

export const NO_FILM: Film = { moments: [], received: 0, every: 1 };

/** A frame that came late, or once more, must not take an image back in time. */
export function isNews(film: Film, { offset, step }: Frame): boolean {
	return step > (film.moments.at(-1)?.images[offset]?.step ?? -1);
}

export function withFrame(film: Film, frame: Frame, { form, titles }: Pick<Dream, "form" | "titles">): Film {
	const { offset, step } = frame;
	const images = imagesOf(frame);
	if (form === "grid") {
		// A grid has no history: a layer has hundreds of filters, and each batch a film of its own.
		const side = Math.floor(Math.sqrt(MOST_BYTES / 3 / Math.max(1, titles.length)));
		const all = [...(film.moments.at(-1)?.images ?? titles.map(() => null))];
		all.splice(offset, images.length, ...images.map((image) => shrunk(image, side)));
		return { moments: [{ step, offset, count: images.length, images: all }], received: film.received + 1, every: 1 };
	}
	// The last one stood there for being the last; it stays only when its turn is kept.
	const turn = film.received - 1;
	const kept = turn % film.every === 0 ? film.moments : film.moments.slice(0, -1);
	let moments = [...kept, { step, offset, count: images.length, images }];
	let { every } = film;
	while (moments.length > 2 && (moments.length > MOST_MOMENTS || bytesOf(moments) > MOST_BYTES)) {
		moments = moments.filter((_, at) => at % 2 === 0 || at === moments.length - 1);
		every *= 2;
	}
	return { moments, received: film.received + 1, every };
}

/** The index of the last moment that is not after a step. */
export function momentAt({ moments }: Film, step: number): number {
	return Math.max(
		0,
		moments.findLastIndex((moment) => moment.step <= step),
	);
}

/** The picture with its longer side at most `most`: each pixel is the mean of those that fall into it. */
export function shrunk<T extends Pixels>(image: T, most: number): T {
	const { height, rgb, width } = image;
	const scale = Math.max(1, Math.max(height, width) / most);
	// Also a picture that is small enough is copied, so that the frame that it came in can go.
	if (scale === 1) return { ...image, rgb: rgb.slice() };
	const [rows, columns] = [height, width].map((size) => Math.max(1, Math.floor(size / scale))) as [number, number];
	const small = new Uint8Array(3 * rows * columns);
	for (let row = 0, out = 0; row < rows; row++) {
		const [top, bottom] = span(row, rows, height);
		for (let column = 0; column < columns; column++) {
			const [left, right] = span(column, columns, width);
			for (let colour = 0; colour < 3; colour++) {
				let sum = 0;
				for (let y = top; y < bottom; y++) {
					for (let x = left; x < right; x++) sum += rgb[3 * (y * width + x) + colour] as number;
				}
				small[out++] = Math.round(sum / ((bottom - top) * (right - left)));
			}
		}
	}
	return { ...image, rgb: small, height: rows, width: columns };
}

function span(at: number, count: number, size: number): [number, number] {
	return [Math.floor((at * size) / count), Math.floor(((at + 1) * size) / count)];
}

/** Those of all inputs for the first score, then for the next. */
function imagesOf({ inputs, scores, step }: Frame): Image[] {
	return scores.flatMap((score, at) =>
		inputs.map(({ rgb, shape }) => {
			const [, height = 1, width = 1] = shape;
			const bytes = 3 * height * width;
			return { rgb: rgb.subarray(at * bytes, (at + 1) * bytes), height, width, score, step };
		}),
	);
}

function bytesOf(moments: readonly Moment[]): number {
	return moments.reduce(
		(sum, { images }) => sum + images.reduce((bytes, image) => bytes + (image?.rgb.length ?? 0), 0),
		0,
	);
}
