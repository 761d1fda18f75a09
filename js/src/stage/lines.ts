// Draws a signal: a lane for each channel, each with its own scale, whose ends are written beside it.

import type { Series } from "../kernel/protocol";
import { formatEnd } from "../text/format";
import { type Lane, lanesOf, linePoints, rangeOf, STAGE_LANES } from "./lanes";

export interface Pen {
	ink: string;
	/** The colour under the lines: a halo of it keeps them apart from the map's colours. */
	surface: string;
	font: string;
}

interface Size {
	width: number;
	height: number;
}

/** What is seen of the drawing, in its pixels. */
interface Window {
	left: number;
	right: number;
	bottom: number;
}

/** The whole stage is the thumbnail's one lane group. */
const THUMBNAIL_LANES: Lane = { top: 0.1, bottom: 0.9 };
/** CSS pixels that a lane needs to have the ends of its scale beside it, or just its number. */
const ROOM = 36;
const ROOM_FOR_NUMBER = 13;

/** Draw a series, its channels from `first` on, at that size in CSS pixels; what is not seen of it is left out. */
export function drawSeries(
	context: CanvasRenderingContext2D,
	series: Series,
	size: Size,
	pen: Pen,
	first = 0,
	seen: Window = { left: 0, right: size.width, bottom: size.height },
): void {
	const [from, to] = [seen.left / size.width, seen.right / size.width];
	const [left, right] = [seen.left + 6, seen.right - 6];
	const numbered = size.height >= 100;
	const lanes = lanesOf(series, numbered ? STAGE_LANES : THUMBNAIL_LANES);
	context.lineJoin = context.lineCap = "round";
	context.font = pen.font;
	lanes.forEach((lane, at) => {
		const channel = first + at;
		const [low, high] = rangeOf(series, channel);
		const [top, bottom] = [lane.top * size.height + 3, lane.bottom * size.height - 3];
		const y = (value: number) => bottom - (bottom - top) * (high > low ? (value - low) / (high - low) : 0.5);
		if (numbered && low < 0 && high > 0) hairline(context, y(0), size.width, pen.ink);
		const points = linePoints(series, channel, Math.ceil(size.width), from, to);
		trace(context, points, size.width, y, pen);
		if (numbered && bottom - top >= ROOM) {
			write(context, formatEnd(high), left, top + 8, pen);
			if (high > low) write(context, formatEnd(low), left, bottom, pen);
			if (lanes.length > 1) write(context, `channel ${channel}`, right, top + 8, pen, "right");
		} else if (numbered && bottom - top >= ROOM_FOR_NUMBER) {
			write(context, String(channel), right, (top + bottom) / 2, pen, "right");
		}
	});
	if (!numbered) return;
	const length = series.shape[0];
	write(context, String(Math.floor(from * length)), left, seen.bottom - 8, pen);
	write(context, String(Math.ceil(to * length) - 1), right, seen.bottom - 8, pen, "right");
}

function trace(
	context: CanvasRenderingContext2D,
	points: [number, number][],
	width: number,
	y: (value: number) => number,
	{ ink, surface }: Pen,
): void {
	context.beginPath();
	let down = false;
	for (const [x, value] of points) {
		// What is no number is a gap.
		if (!Number.isFinite(value)) down = false;
		else if (down) context.lineTo(x * width, y(value));
		else {
			context.moveTo(x * width, y(value));
			context.lineTo(x * width, y(value) + 0.01);
			down = true;
		}
	}
	for (const [color, thick] of [
		[surface, 3.5],
		[ink, 1.25],
	] as const) {
		context.strokeStyle = color;
		context.lineWidth = thick;
		context.stroke();
	}
}

function hairline(context: CanvasRenderingContext2D, y: number, width: number, ink: string): void {
	context.globalAlpha = 0.3;
	context.fillStyle = ink;
	context.fillRect(0, Math.round(y), width, 1);
	context.globalAlpha = 1;
}

function write(
	context: CanvasRenderingContext2D,
	text: string,
	x: number,
	y: number,
	{ ink, surface }: Pen,
	align: CanvasTextAlign = "left",
): void {
	context.textAlign = align;
	context.strokeStyle = surface;
	context.lineWidth = 3;
	context.strokeText(text, x, y);
	context.fillStyle = ink;
	context.fillText(text, x, y);
}
