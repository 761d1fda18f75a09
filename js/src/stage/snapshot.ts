// The picture that the camera takes: the stage as it looks, under a title and over its colour bar. salwidget/snapshot.py
// draws the same.

import type { TraitSignals } from "../kernel/bind";
import { USUAL_AIM } from "../kernel/traits";
import { highEnd, lowEnd, paintBar, STEPS } from "./bar";
import { drawSeries } from "./lines";
import { paint, paintPicture } from "./paint";
import { putPixels } from "./painter";
import type { Pane } from "./pane";
import { pixelsOf, planeOf } from "./plane";

/** Device pixels: twice what a picture takes on a page. */
const SIDE = 896;
const SERIES_HEIGHT = 448;
const MARGIN = 32;
const BAR_HEIGHT = 20;
const TITLE = 30;
const TEXT = 24;
const FONT = "system-ui, sans-serif";
/** Pictures under this size show their pixels, as on the stage. */
const SMALL = 128;

type Named = Pick<TraitSignals, "network" | "images" | "methods">;

/** The picture of a pane, on a page that is dark or not; null where there is no map yet. */
export function snapshotOf(pane: Pane, traits: Named, dark: boolean): HTMLCanvasElement | null {
	const map = pane.map.peek();
	const scale = pane.scale.peek();
	const canvas = document.createElement("canvas");
	const context = canvas.getContext("2d");
	if (!map || !scale || !context) return null;
	const [ink, surface] = dark ? ["#e8e8ea", "#17181c"] : ["#1a1a1e", "#fff"];
	const [height, width] = sizeOf(pane);
	const across = Math.max(width, 640);
	const titled = wrapped(context, titleOf(pane, traits), `600 ${TITLE}px ${FONT}`, across);
	const subtitle = wrapped(context, questionOf(pane, traits), `${TEXT}px ${FONT}`, across);
	const top = MARGIN + 1.35 * (titled.length * TITLE + subtitle.length * TEXT) + 12;
	const barred = !map.rgb && !scale.zero && !scale.empty;
	canvas.width = across + 2 * MARGIN;
	canvas.height = Math.ceil(top + height + (barred ? BAR_HEIGHT + TEXT + 32 : 0) + MARGIN);
	context.fillStyle = surface;
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.fillStyle = ink;
	context.textBaseline = "top";
	context.font = `600 ${TITLE}px ${FONT}`;
	titled.forEach((line, at) => {
		context.fillText(line, MARGIN, MARGIN + 1.35 * at * TITLE);
	});
	context.font = `${TEXT}px ${FONT}`;
	subtitle.forEach((line, at) => {
		context.fillText(line, MARGIN, MARGIN + 1.35 * (titled.length * TITLE + at * TEXT));
	});
	const left = Math.floor((canvas.width - width) / 2);
	context.save();
	context.translate(left, Math.ceil(top));
	drawStage(context, pane, width, height, ink, surface);
	context.restore();
	if (barred) drawBar(context, pane, Math.ceil(top) + height + 16, across, ink);
	return canvas;
}

/** Height and width of the stage's picture: a whole number of pixels for each of its own. */
function sizeOf({ scene }: Pane): [number, number] {
	if (scene.extent.peek().length === 1) return [SERIES_HEIGHT, SIDE];
	const [height, width] = scene.plane.peek();
	const zoom = Math.max(1, Math.ceil(SIDE / Math.max(height, width)));
	return [zoom * height, zoom * width];
}

function drawStage(
	context: CanvasRenderingContext2D,
	pane: Pane,
	width: number,
	height: number,
	ink: string,
	surface: string,
): void {
	const { alone, depth, picture, plane, series, shown, slice } = pane.scene;
	const map = pane.map.peek();
	const scale = pane.scale.peek();
	const given = picture.peek();
	const lines = series.peek();
	context.imageSmoothingEnabled = !lines && Math.max(...plane.peek()) >= SMALL;
	const beneath = !alone.peek() || shown.peek() === "image";
	if (given && beneath) {
		const { rgb, height: rows, width: columns } = pixelsOf(given, slice.peek());
		put(context, columns, rows, width, height, (pixels) => paintPicture(rgb, 1, pixels));
	}
	if (map && scale && shown.peek() !== "image") {
		const opacity = pane.opacity.peek();
		const threshold = pane.threshold.peek();
		const { values, height: rows, width: columns } = planeOf(map, slice.peek(), depth.peek());
		put(context, columns, rows, width, height, (pixels) => {
			if (map.rgb) paintPicture(map.rgb, alone.peek() ? 1 : opacity, pixels);
			else if (!scale.zero && !scale.empty)
				paint(values, scale, { colors: pane.colors.peek(), opacity, threshold, alone: alone.peek() }, pixels);
		});
	}
	if (lines && beneath) {
		context.textBaseline = "alphabetic";
		context.scale(2, 2);
		const pen = { ink, surface, font: `11px ${FONT}` };
		drawSeries(context, lines, { width: width / 2, height: height / 2 }, pen, pane.scene.firstChannel.peek());
	}
}

function put(
	context: CanvasRenderingContext2D,
	columns: number,
	rows: number,
	width: number,
	height: number,
	fill: (pixels: Uint8ClampedArray) => void,
): void {
	const small = document.createElement("canvas");
	putPixels(small, columns, rows, fill);
	context.drawImage(small, 0, 0, width, height);
}

function drawBar(context: CanvasRenderingContext2D, pane: Pane, top: number, width: number, ink: string): void {
	const map = pane.map.peek();
	const scale = pane.scale.peek();
	if (!map || !scale) return;
	const bar = document.createElement("canvas");
	const threshold = pane.threshold.peek();
	putPixels(bar, STEPS, 1, (pixels) =>
		paintBar(scale.signed, pane.colors.peek(), threshold, pane.scene.alone.peek(), pixels),
	);
	context.imageSmoothingEnabled = false;
	context.drawImage(bar, MARGIN, top, width, BAR_HEIGHT);
	context.strokeStyle = ink;
	context.globalAlpha = 0.3;
	context.strokeRect(MARGIN + 0.5, top + 0.5, width - 1, BAR_HEIGHT - 1);
	context.globalAlpha = 1;
	context.font = `${TEXT}px ${FONT}`;
	context.fillStyle = ink;
	context.textBaseline = "top";
	const under = top + BAR_HEIGHT + 8;
	context.fillText(lowEnd(scale), MARGIN, under);
	context.textAlign = "center";
	context.fillText(map.units, MARGIN + width / 2, under, 0.6 * width);
	context.textAlign = "right";
	context.fillText(highEnd(scale), MARGIN + width, under);
}

function titleOf({ map }: Pane, traits: Named): string {
	const method = traits.methods.peek().find(({ name }) => name === map.peek()?.method);
	return `${method?.title ?? ""} of ${map.peek()?.target}`;
}

/** The model, the image, and what else was asked where it is not the usual. */
function questionOf({ map, scene }: Pane, traits: Named): string {
	const asked = map.peek()?.asked;
	const { extent, slice } = scene;
	const words = [traits.network.peek().name];
	if (!asked) return words.join();
	words.push(traits.images.peek()[asked.image_idx]?.name ?? "");
	if (extent.peek().length === 3) words.push(`slice ${slice.peek()}`);
	if (asked.aim !== USUAL_AIM) words.push(`aim ${asked.aim}`);
	for (const name of ["backprop_modifier", "grad_modifier"] as const) {
		if (asked[name]) words.push(`${name.replace("_", " ")} ${asked[name]}`);
	}
	if (asked.seed) words.push(`seed ${asked.seed}`);
	for (const [name, value] of Object.entries(asked.options)) words.push(`${name.replaceAll("_", " ")} ${value}`);
	return words.filter(Boolean).join(" · ");
}

function wrapped(context: CanvasRenderingContext2D, text: string, font: string, width: number): string[] {
	context.font = font;
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
		if (lines.length && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
}
