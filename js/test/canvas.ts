// jsdom has no canvas: this one remembers the pixels that were put on it, and the words and points of its lines.

import { vi } from "vitest";

const painted = new WeakMap<HTMLCanvasElement, Uint8ClampedArray>();
const drawn = new WeakMap<HTMLCanvasElement, Drawing>();
let paints = 0;

export interface Drawing {
	words: string[];
	/** The points of each path, in CSS pixels. */
	paths: [x: number, y: number][][];
}

export function fakeCanvas(): void {
	paints = 0;
	vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
		const drawing: Drawing = { words: [], paths: [] };
		const add = (x: number, y: number) => drawing.paths.at(-1)?.push([x, y]);
		return {
			scale: () => drawn.set(this, drawing),
			beginPath: () => drawing.paths.push([]),
			moveTo: add,
			lineTo: add,
			stroke: () => {},
			fillRect: () => {},
			strokeRect: () => {},
			drawImage: () => {},
			save: () => {},
			restore: () => {},
			translate: () => {},
			measureText: (text: string) => ({ width: 10 * text.length }),
			strokeText: () => {},
			fillText: (text: string) => drawing.words.push(text),
			createImageData: (width: number, height: number) => ({ data: new Uint8ClampedArray(4 * width * height) }),
			putImageData: (image: ImageData) => {
				painted.set(this, image.data);
				if (this.dataset.testid === "overlay") paints += 1;
			},
		} as unknown as null;
	});
}

/** RGBA of one pixel. */
export function pixel(canvas: Element, at: number): number[] {
	return [...(painted.get(canvas as HTMLCanvasElement)?.subarray(4 * at, 4 * at + 4) ?? [])];
}

/** What was last drawn on a canvas with lines. */
export function drawing(canvas: Element): Drawing | undefined {
	return drawn.get(canvas as HTMLCanvasElement);
}

/** How often the overlay was painted. */
export function overlayPaints(): number {
	return paints;
}
