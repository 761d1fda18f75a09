// The canvases: a new map is painted as it comes, another appearance at most once a frame; the stage says what is painted.

import { effect, type ReadonlySignal } from "@preact/signals";
import type { Heatmap, Series } from "../kernel/protocol";
import type { ShownInput } from "./input";
import { drawSeries } from "./lines";
import { paint, paintPicture } from "./paint";
import type { Pane } from "./pane";
import { pixelsOf, planeOf } from "./plane";
import { FITTING, type Zoom } from "./zoom";

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

/** What lines depend on besides the signal: the width of the view, and the colours of the page. */
export interface Page {
	width: ReadonlySignal<number>;
	dark: ReadonlySignal<boolean>;
}

/** Keep the base canvas equal to the input: its pixels, or its lines at the size that they have in the page. */
export function followInput(
	input: Pick<ShownInput, "picture" | "series" | "slice" | "firstChannel">,
	page: Page,
	canvas: HTMLCanvasElement,
	zoom?: ReadonlySignal<Zoom>,
): () => void {
	let frame = 0;
	const stop = effect(() => {
		const picture = input.picture.value;
		const series = input.series.value;
		cancelAnimationFrame(frame);
		if (picture) {
			const { rgb, height, width } = pixelsOf(picture, input.slice.value);
			lay(canvas, FITTING);
			putPixels(canvas, width, height, (pixels) => paintPicture(rgb, 1, pixels));
		} else if (series) {
			const first = input.firstChannel.value;
			void [page.width.value, page.dark.value];
			const zoomed = zoom?.value ?? FITTING;
			// JupyterLab hides everything for a frame when its theme changes; whatever is hidden for longer has a new width then.
			const draw = (once?: number) => {
				if (canvas.clientWidth) putLines(canvas, series, first, zoomed);
				else if (once) frame = requestAnimationFrame(() => draw());
			};
			frame = requestAnimationFrame(draw);
		}
	});
	return () => {
		stop();
		cancelAnimationFrame(frame);
	};
}

/** Lay the canvas over what is seen of the enlarged picture around it: lines are drawn larger, not their pixels. */
function lay(canvas: HTMLCanvasElement, { scale, x, y }: Zoom): void {
	canvas.style.scale = scale > 1 ? `${1 / scale}` : "";
	canvas.style.translate = scale > 1 ? `${(-100 * x) / scale}% ${(-100 * y) / scale}%` : "";
}

function putLines(canvas: HTMLCanvasElement, series: Series, first: number, zoom: Zoom): void {
	const { clientWidth: width, clientHeight: height } = canvas;
	const dense = globalThis.devicePixelRatio || 1;
	canvas.width = Math.max(1, Math.round(width * dense));
	canvas.height = Math.max(1, Math.round(height * dense));
	const context = canvas.getContext("2d");
	if (!context) return;
	lay(canvas, zoom);
	context.scale(dense, dense);
	// The corner of what is seen, in CSS pixels of the enlarged picture.
	const left = width * ((zoom.scale - 1) / 2 - zoom.x);
	const top = height * ((zoom.scale - 1) / 2 - zoom.y);
	context.translate(-left, -top);
	// The style sheet gives the canvas an invisible border in the colour of the surface.
	const { borderTopColor, color, fontFamily } = getComputedStyle(canvas);
	const pen = { ink: color, surface: borderTopColor, font: `11px ${fontFamily}` };
	const size = { width: width * zoom.scale, height: height * zoom.scale };
	drawSeries(context, series, size, pen, first, { left, right: left + width, bottom: top + height });
}

/** Keep the overlay equal to the pane's map, its colours and the view; `data-query` and `data-state` say what is on it. */
export function followMap(
	pane: Pane,
	stage: HTMLElement,
	canvas: HTMLCanvasElement,
	zoom: ReadonlySignal<Zoom>,
): () => void {
	let frame = 0;
	let drawn: Heatmap | null = null;
	function draw(): void {
		cancelAnimationFrame(frame);
		frame = 0;
		const map = pane.map.peek();
		if (map) drawMap(pane, canvas, zoom.peek().scale);
		drawn = map;
		stage.dataset.query = map?.query ?? "";
		stage.dataset.state = pane.state.peek();
	}
	const stop = effect(() => {
		const state = pane.state.value;
		const { alone, slice } = pane.scene;
		const { opacity, threshold } = pane;
		// Read what the painting depends on, so that any change of it comes by here.
		void [pane.map.value, pane.colors.value, opacity.value, threshold.value, alone.value, slice.value];
		// An image's pixels are enlarged by CSS; a signal's columns become more.
		if (pane.map.value?.shape.length === 1) void zoom.value;
		// Fresh only when its pixels are there; everything else is acknowledged at once.
		if (state !== "fresh") stage.dataset.state = state;
		// Waiting for a frame to paint a new map in would put that much work between the frame's begin and its end.
		if (pane.map.value !== drawn) draw();
		else frame ||= requestAnimationFrame(draw);
	});
	return () => {
		stop();
		cancelAnimationFrame(frame);
	};
}

function drawMap(pane: Pane, canvas: HTMLCanvasElement, enlarged: number): void {
	const map = pane.map.peek();
	const scale = pane.scale.peek();
	if (!map || !scale) return;
	const { height, width, values } = planeOf(map, pane.scene.slice.peek(), pane.scene.depth.peek(), enlarged);
	const opacity = pane.opacity.peek();
	const alone = pane.scene.alone.peek();
	putPixels(canvas, width, height, (pixels) => {
		if (map.rgb) return paintPicture(map.rgb, alone ? 1 : opacity, pixels);
		if (scale.zero || scale.empty) return;
		const threshold = pane.threshold.peek();
		paint(values, scale, { colors: pane.colors.peek(), opacity, threshold, alone }, pixels);
	});
}
