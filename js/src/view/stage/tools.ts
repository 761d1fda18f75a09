// What the tools do on the stage: with a pointer of any kind, or with the keyboard's cursor and Space.

import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Probe } from "../../stage/places";
import { combined, type Mask, type Point, polygon, rectangle, stroke } from "../../stage/region/mask";
import type { Region, Tool } from "../../stage/region/region";
import { useStore } from "../context";

/** Brushes grow and shrink by so much, and by one pixel at least. */
const GROWTH = 1.2;
/** Of the shorter side of the image. */
const WIDEST_BRUSH = 0.5;

const TOOL_KEYS: Record<string, Tool> = { p: "probe", b: "brush", e: "eraser" };

export const isMarking = (tool: Tool) => tool !== "none" && tool !== "probe";
export const isBrush = (tool: Tool) => tool === "brush" || tool === "eraser";

/** The size of the largest brush. */
export function widest([height, width]: readonly [number, number]): number {
	return Math.max(1, Math.round(WIDEST_BRUSH * Math.min(height, width)));
}

/** The tools' keys that need no cursor; says whether the key was one. */
export function pressTool(region: Region, { key }: KeyboardEvent, most: number): boolean {
	const { painting, refusal, size, tool } = region;
	if (key === "Escape") {
		if (tool.value === "none") return false;
		if (painting.value) region.drop();
		else tool.value = "none";
		return true;
	}
	const chosen = TOOL_KEYS[key];
	if (refusal.value && chosen !== "probe") return false;
	if (chosen) tool.value = chosen;
	else if (key === "[") size.value = Math.max(1, Math.min(size.value - 1, Math.round(size.value / GROWTH)));
	else if (key === "]") size.value = Math.min(most, Math.max(size.value + 1, Math.round(size.value * GROWTH)));
	else if (key === "x") region.invert();
	else return false;
	return true;
}

/** A shape that is begun: where it went, and what was marked before it. */
interface Begun {
	points: Point[];
	before: Mask;
	removing: boolean;
	/** Between two pixels of the keyboard's cursor lie both of them whole. */
	grown: number;
}

export function useTools(plane: ReadonlySignal<readonly [number, number]>, probe: Signal<Probe | null>) {
	const { alive, region } = useStore();
	const { tool } = region;
	/** The line that was drawn so far. */
	const line = useSignal<readonly Point[]>([]);
	const begun = useRef<Begun | null>(null);
	const ready = () => alive.value && region.refusal.value === "" && isMarking(tool.value);

	// Taken back, dropped, or another tool in the hand: the shape is no more.
	useLayoutEffect(() => {
		const ends = [
			region.painting.subscribe((down) => {
				if (down) return;
				begun.current = null;
				line.value = [];
			}),
			tool.subscribe(() => region.drop()),
		];
		return () => {
			region.drop();
			for (const end of ends) end();
		};
	}, [region]);

	function pixel({ x, y }: Probe): Point {
		const [height, width] = plane.value;
		return { x: x * width, y: y * height };
	}
	/** The centre of the pixel under the keyboard's cursor. */
	function cursor(): Point {
		const { x, y } = pixel(probe.value ?? { x: 0.5, y: 0.5 });
		return { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
	}

	function start(at: Point, { altKey, shiftKey }: PointerEvent | KeyboardEvent, grown = 0): void {
		const before = region.mask.value ?? region.blank();
		if (!before) return;
		if (tool.value === "superpixel") {
			region.pick(at, altKey ? "remove" : shiftKey ? "add" : "toggle");
			return;
		}
		region.begin();
		begun.current = { points: [], before, removing: altKey || tool.value === "eraser", grown };
		extend(at);
	}
	function extend(to: Point): void {
		const now = begun.current;
		if (!now) return;
		const from = now.points.at(-1) ?? to;
		// A box has two corners, and a brush its last place; a lasso keeps all.
		const kept = tool.value === "lasso" ? now.points : isBrush(tool.value) ? [] : now.points.slice(0, 1);
		now.points = [...kept, to];
		if (isBrush(tool.value)) {
			region.paint(stroke(region.mask.value ?? now.before, from, to, region.size.value / 2, Number(!now.removing)));
			return;
		}
		line.value = now.points;
		region.paint(combined(now.before, shape(now), now.removing));
	}
	function shape({ points, before: { height, width }, grown }: Begun): Mask {
		if (tool.value === "lasso") return polygon(height, width, points);
		const [a, b] = [points[0] as Point, points.at(-1) as Point];
		const [x, y] = [Math.min(a.x, b.x) - grown, Math.min(a.y, b.y) - grown];
		return rectangle(height, width, x, y, Math.abs(a.x - b.x) + 2 * grown, Math.abs(a.y - b.y) + 2 * grown);
	}

	function down(event: PointerEvent & { currentTarget: HTMLElement }, at: Probe): void {
		// A second finger zooms: what the first one began was no stroke.
		region.drop();
		if (!event.isPrimary || !ready() || event.button !== 0) return;
		event.currentTarget.setPointerCapture(event.pointerId);
		start(pixel(at), event);
	}
	function move(event: PointerEvent, at: Probe): void {
		if (event.isPrimary && event.buttons !== 0) extend(pixel(at));
	}
	function up(event: PointerEvent): void {
		if (event.isPrimary && begun.current?.grown === 0) region.end();
	}
	/** The keyboard's cursor has moved. */
	function follow(): void {
		if (begun.current && tool.value === "rectangle") extend(cursor());
	}
	/** Whether the key was one of the tools. */
	function press(event: KeyboardEvent): boolean {
		if (event.ctrlKey || event.metaKey || !alive.value) return false;
		if (ready() && event.key === " ") {
			if (!event.repeat) space(event);
		} else if (event.key === "Enter" && begun.current && !event.altKey) region.end();
		else return !event.altKey && pressTool(region, event, widest(plane.value));
		return true;
	}
	function space(event: KeyboardEvent): void {
		probe.value ??= { x: 0.5, y: 0.5 };
		if (begun.current) extend(cursor());
		else start(cursor(), event, 0.5);
		const goesOn = tool.value === "lasso" || (tool.value === "rectangle" && line.value.length === 1);
		if (!goesOn) region.end();
	}
	return { line, ready, down, move, up, follow, press };
}
