// jsdom has no canvas: this one remembers the pixels that were put on it.

import { vi } from "vitest";

const painted = new WeakMap<HTMLCanvasElement, Uint8ClampedArray>();
let paints = 0;

export function fakeCanvas(): void {
	paints = 0;
	vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
		return {
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

/** How often the overlay was painted. */
export function overlayPaints(): number {
	return paints;
}
