// The region of the image as state: what is marked, how it is marked, and what was marked before.

import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { TraitSignals } from "../../kernel/bind";
import type { Heatmap, Superpixels, ToKernel } from "../../kernel/protocol";
import { deepEqual } from "../../kernel/question";
import type { TestControls, WireRegion } from "../../kernel/traits";
import type { ShownInput } from "../input";
import type { Pane } from "../pane";
import {
	blankMask,
	combined,
	fromWire,
	invert,
	type Mask,
	type Point,
	strongest,
	superpixel,
	token,
	toWire,
	weakest,
} from "./mask";
import { type Share, shareOf } from "./share";

export type Tool = "none" | "probe" | "brush" | "eraser" | "rectangle" | "lasso" | "superpixel";

/** Steps that can be taken back. */
const MOST_STEPS = 100;

interface Surroundings {
	traits: Pick<TraitSignals, "region" | "image_idx" | "input_idx">;
	input: ShownInput;
	ask: (changes: Partial<TestControls>) => void;
	request: (message: ToKernel) => void;
	/** Tell the person. */
	say: (words: string) => void;
}

export type Region = ReturnType<typeof regionOf>;

export function regionOf({ traits, input, ask, request, say }: Surroundings) {
	const held = signal<Mask | null>(null);
	/** A hand is down. */
	const painting = signal(false);
	const tool: Signal<Tool> = signal<Tool>("none");
	/** Across the brush, in pixels of the input. */
	const size = signal(1);
	/** Of all pixels, for the strongest and the weakest. */
	const percent = signal(10);
	/** A place that is outlined besides, as that of a control. */
	const patch = signal<Mask | null>(null);
	const past = signal<readonly (WireRegion | null)[]>([]);
	const future = signal<readonly (WireRegion | null)[]>([]);
	const superpixels = signal<Superpixels | null>(null);
	/** What the kernel was told last, or has said itself. */
	let told: WireRegion | null = null;
	/** What was marked as the hand went down. */
	let before: WireRegion | null = null;
	/** Done once the superpixels are there, and the image that they were wanted of last. */
	let waiting: ((numbers: Superpixels) => void) | null = null;
	let wanted = "";
	/** Another image is there, and what is marked may still be of the one before. */
	let arrived = false;
	let frame = 0;

	const image = computed(() => `${traits.image_idx.value} ${traits.input_idx.value}`);
	/** Height and width of the image; null where the input is none, or not there yet. */
	const extent = computed(() => {
		const [height, width] = input.picture.value && input.space.value === 2 ? input.extent.value : [];
		return height && width ? ([height, width] as const) : null;
	});
	const mask = computed(() => {
		const [height, width] = extent.value ?? [];
		return held.value?.height === height && held.value?.width === width ? held.value : null;
	});
	const named = computed(() => token(mask.value));
	/** Why nothing can be marked. */
	const refusal = computed(() => {
		if (input.space.value === 2) return "";
		return `Regions are of images, and this input is a ${input.space.value === 1 ? "signal" : "volume"}.`;
	});

	function blank(): Mask | null {
		return extent.value && blankMask(...extent.value);
	}
	/** Ask with what is marked now: the newest wins. */
	function tell(): void {
		cancelAnimationFrame(frame);
		frame = 0;
		const wire = toWire(held.peek());
		if (deepEqual(wire, told)) return;
		told = wire;
		ask({ region: wire });
	}
	function keep(step: WireRegion | null): void {
		past.value = [...past.value.slice(1 - MOST_STEPS), step];
		future.value = [];
	}

	/** A hand goes down. */
	function begin(): void {
		arrived = false;
		before = toWire(held.peek());
		painting.value = true;
	}
	/** Show a painted state, and ask with the newest of a frame. */
	function paint(next: Mask): void {
		held.value = next;
		frame ||= requestAnimationFrame(tell);
	}
	/** The hand is lifted: one step to take back. */
	function end(): void {
		if (!painting.peek()) return;
		batch(() => {
			painting.value = false;
			if (!deepEqual(before, toWire(held.peek()))) keep(before);
			tell();
		});
	}
	/** What the hand began shall not be. */
	function drop(): void {
		if (!painting.peek()) return;
		batch(() => {
			painting.value = false;
			held.value = fromWire(before);
			tell();
		});
	}
	/** Mark this and nothing else, in one step. */
	function mark(next: Mask | null): void {
		batch(() => {
			drop();
			begin();
			held.value = next;
			end();
		});
	}
	function rank(pane: Pane, by: typeof strongest): void {
		const map = pane.map.peek();
		const [height, width] = extent.peek() ?? [];
		if (!map || !height || !width) return;
		if (pane.scene.elsewhere.peek() || !deepEqual(map.shape, [height, width])) {
			say("This map has no value for each pixel of the image: mark a region by hand.");
		} else if (!map.values.every(Number.isFinite)) {
			say("The map holds NaN or infinite values, which have no rank: mark a region by hand.");
		} else mark(by(map.values, height, width, percent.peek()));
	}
	/** Add the superpixel there, take it out, or what of the two it is not. */
	function pick(at: Point, way: "add" | "remove" | "toggle"): void {
		withSuperpixels(({ numbers, size: [height, width] }) => {
			if (at.x < 0 || at.y < 0 || at.x >= width || at.y >= height) return;
			const marked = mask.peek() ?? blankMask(height, width);
			const inside = marked.bits[Math.floor(at.y) * width + Math.floor(at.x)] === 1;
			mark(combined(marked, superpixel(numbers, height, width, at), way === "remove" || (way === "toggle" && inside)));
		});
	}
	function withSuperpixels(act?: (numbers: Superpixels) => void): void {
		const there = superpixels.peek();
		if (there && fits(there)) act?.(there);
		else {
			if (act) waiting = act;
			if (wanted !== image.peek()) request({ kind: "superpixels" });
			wanted = image.peek();
		}
	}
	function fits({ image_idx, input_idx, size }: Superpixels): boolean {
		const here = image_idx === traits.image_idx.peek() && input_idx === traits.input_idx.peek();
		return here && deepEqual(size, extent.peek());
	}
	function receive(message: Superpixels): void {
		superpixels.value = message;
		wanted = "";
		if (!fits(message)) return;
		waiting?.(message);
		waiting = null;
	}
	function step(from: typeof past, to: typeof past): void {
		batch(() => {
			drop();
			const last = from.value.at(-1);
			if (last === undefined) return;
			to.value = [...to.value, toWire(held.value)];
			from.value = from.value.slice(0, -1);
			held.value = fromWire(last);
			tell();
		});
	}

	/** A cell of the notebook has set it, or another view; the page's own words come back and are known. */
	function follow(wire: WireRegion | null): void {
		if (deepEqual(wire, told)) return;
		if (!arrived) keep(toWire(held.peek()));
		else if (wire) keep(null);
		arrived = false;
		told = wire;
		batch(() => {
			held.value = fromWire(wire);
			painting.value = false;
		});
	}
	/** Steps of another image mean nothing for this one. */
	function forget(): void {
		arrived = held.peek() !== null;
		waiting = null;
		past.value = [];
		future.value = [];
	}
	const shorter = computed(() => (extent.value ? Math.min(...extent.value) : 0));
	const ends = [
		image.subscribe(forget),
		traits.region.subscribe(follow),
		// A tenth of the image is a brush for most things in it.
		shorter.subscribe((across) => {
			size.value = Math.max(1, Math.round(across / 10));
		}),
		effect(() => {
			// There by the first click.
			if (tool.value === "superpixel" && extent.value && image.value) untracked(() => withSuperpixels());
		}),
	];
	function dispose(): void {
		cancelAnimationFrame(frame);
		for (const stop of ends) stop();
	}

	const state = { mask, token: named, painting: painting as ReadonlySignal<boolean>, tool, size, percent, patch };
	const hand = { blank, begin, paint, end, drop, pick, receive, dispose };
	return {
		...state,
		...hand,
		refusal,
		canUndo: computed(() => past.value.length > 0),
		canRedo: computed(() => future.value.length > 0),
		strongest: (pane: Pane) => rank(pane, strongest),
		weakest: (pane: Pane) => rank(pane, weakest),
		invert: () => {
			const marked = mask.peek() ?? blank();
			if (marked) mark(invert(marked));
		},
		clear: () => mark(null),
		undo: () => step(past, future),
		redo: () => step(future, past),
		/** Pure; reading the mask makes what calls it follow. */
		share: (map: Heatmap | null): Share | null => map && shareOf(map, mask.value),
	};
}
