// Paints the right picture, at most once a frame: the edited image, or either map over the image that it is of.

import { effect, type ReadonlySignal } from "@preact/signals";
import type { Colormap } from "../../stage/colormaps";
import { paint, paintPicture, type Scale } from "../../stage/paint";
import { putPixels } from "../../stage/painter";
import type { Pane } from "../../stage/pane";
import { paintPixels } from "../../stage/pixels";
import { planeOf } from "../../stage/plane";
import type { EvidenceState } from "./evidence";

/** One scale for both maps, so that flipping compares: it ends at the larger of their magnitudes. */
export function commonScale(one: Scale, other: Scale | null): Scale {
	if (!other || other.empty) return one;
	return { ...one, top: Math.max(one.top, other.top), signed: one.signed || other.signed };
}

/** Keep the canvases equal to what the view shows; `data-shown` of the stage says that a map lies over it. */
export function followEdited(
	evidence: EvidenceState,
	peeking: ReadonlySignal<boolean>,
	stage: HTMLElement,
	base: HTMLCanvasElement,
	overlay: HTMLCanvasElement,
): () => void {
	const { after, before, edited, picture, view } = evidence;
	let frame = 0;
	function draw(): void {
		frame = 0;
		const pane = view.peek() === "old map" ? before : after;
		const image = (view.peek() !== "old map" && !peeking.peek() && edited.peek()) || picture.peek();
		if (image) paintPixels(base, image);
		const mapped = view.peek() !== "covered" && !peeking.peek() && pane.map.peek() !== null;
		if (mapped) drawMap(pane, pane === before ? after : before, overlay);
		stage.dataset.shown = mapped ? "overlay" : "image";
		stage.dataset.alone = String(pane.scene.alone.peek());
		stage.dataset.exact = String(evidence.exact.peek());
	}
	const stop = effect(() => {
		void [view.value, edited.value, picture.value, peeking.value, evidence.exact.value];
		if (view.value !== "covered") {
			for (const { map, colors, scene } of [before, after]) void [map.value, colors.value, scene.alone.value];
			void [before.opacity.value, before.threshold.value];
		}
		frame ||= requestAnimationFrame(draw);
	});
	return () => {
		stop();
		cancelAnimationFrame(frame);
	};
}

function drawMap(pane: Pane, other: Pane, canvas: HTMLCanvasElement): void {
	const [map, scale] = [pane.map.peek(), pane.scale.peek()];
	if (map?.shape.length !== 2 || !scale) return;
	const { height, width, values } = planeOf(map, 0, 1, 1);
	const [opacity, threshold, alone] = [pane.opacity.peek(), pane.threshold.peek(), pane.scene.alone.peek()];
	const common = commonScale(scale, other.scale.peek());
	const colors: Colormap = common.signed && !scale.signed ? other.colors.peek() : pane.colors.peek();
	putPixels(canvas, width, height, (pixels) => {
		if (map.rgb) paintPicture(map.rgb, alone ? 1 : opacity, pixels);
		else if (!scale.empty && !scale.zero) paint(values, common, { colors, opacity, threshold, alone }, pixels);
	});
}
