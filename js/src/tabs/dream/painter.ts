// Paints a dream's images, at most once a frame, and only those that have changed; tells the kernel when it has.

import { effect } from "@preact/signals";
import { type Pixels, paintPixels } from "../../stage/pixels";
import type { DreamsState } from "./dreams";

/** Pictures under this size show their pixels. */
const SMALL = 128;

/** Keep the canvases of the stage, in their order, equal to the images; `data-*` say what is painted. */
export function followDream(dreams: DreamsState, stage: HTMLElement): () => void {
	const on = new WeakMap<HTMLCanvasElement, Pixels>();
	let frame = 0;
	function draw(): void {
		frame = 0;
		const { images = [], step = "" } = dreams.moment.peek() ?? {};
		stage.querySelectorAll<HTMLCanvasElement>("canvas").forEach((canvas, place) => {
			const image = images[place];
			if (!image || on.get(canvas) === image) return;
			paintPixels(canvas, image);
			canvas.dataset.small = String(Math.max(image.height, image.width) < SMALL);
			on.set(canvas, image);
		});
		Object.assign(stage.dataset, { id: dreams.dream.peek()?.id ?? "", step, state: dreams.state.peek() });
		dreams.painted();
	}
	const stop = effect(() => {
		// A frame is owed its answer also while the scrubber stands elsewhere.
		void [dreams.moment.value, dreams.film.value, dreams.dream.value, dreams.state.value];
		frame ||= requestAnimationFrame(draw);
	});
	return () => {
		stop();
		cancelAnimationFrame(frame);
	};
}
