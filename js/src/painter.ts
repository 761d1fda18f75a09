// The two canvases of the stage: repaints at most once a frame, and says on the stage what is painted.

import { effect } from "@preact/signals";
import { paint, paintPicture } from "./paint";
import type { Store } from "./store";

export function putPixels(
	canvas: HTMLCanvasElement,
	width: number,
	height: number,
	fill: (pixels: Uint8ClampedArray) => void,
): void {
	if (canvas.width !== width) canvas.width = width;
	if (canvas.height !== height) canvas.height = height;
	const context = canvas.getContext("2d");
	if (!context) return;
	const image = context.createImageData(width, height);
	fill(image.data);
	context.putImageData(image, 0, 0);
}

/** Keep the base canvas equal to the picture. */
export function followPicture(store: Store, canvas: HTMLCanvasElement): () => void {
	return effect(() => {
		const picture = store.picture.value;
		if (!picture) return;
		const [height, width] = picture.shape;
		putPixels(canvas, width, height, (pixels) => paintPicture(picture.rgb, 1, pixels));
	});
}

/** Keep the overlay equal to the map, its look and the view; `data-query` and `data-state` say what is on it. */
export function followMap(store: Store, stage: HTMLElement, canvas: HTMLCanvasElement): () => void {
	let frame = 0;
	function draw(): void {
		frame = 0;
		const map = store.map.peek();
		if (map) drawMap(store, canvas);
		stage.dataset.query = map?.query ?? "";
		stage.dataset.state = store.state.peek();
	}
	const stop = effect(() => {
		const state = store.state.value;
		const { opacity, threshold } = store.traits;
		// Read what the painting depends on, so that any change of it comes by here.
		void [store.map.value, store.colors.value, opacity.value, threshold.value, store.alone.value];
		// Fresh only when its pixels are there; everything else is acknowledged at once.
		if (state !== "fresh") stage.dataset.state = state;
		frame ||= requestAnimationFrame(draw);
	});
	return () => {
		stop();
		cancelAnimationFrame(frame);
	};
}

function drawMap(store: Store, canvas: HTMLCanvasElement): void {
	const map = store.map.peek();
	const scale = store.scale.peek();
	if (!map || !scale) return;
	const [height, width] = map.shape;
	const opacity = store.traits.opacity.peek();
	const alone = store.alone.peek();
	putPixels(canvas, width, height, (pixels) => {
		if (map.rgb) return paintPicture(map.rgb, alone ? 1 : opacity, pixels);
		if (scale.zero) return;
		const threshold = store.traits.threshold.peek();
		paint(map.values, scale, { colors: store.colors.peek(), opacity, threshold, alone }, pixels);
	});
}
