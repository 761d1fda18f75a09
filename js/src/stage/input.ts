// The input that all panes show their maps of, and which of its slices or channels.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Heatmap, Picture, Series } from "../kernel/protocol";
import type { Seen } from "../kernel/traits";
import { laneCount } from "./lanes";
import { strongestSlice } from "./places";

export type View = Seen["view"];
export type ShownInput = ReturnType<typeof inputOf>;

export function inputOf({ input_idx, network }: Pick<TraitSignals, "input_idx" | "network">) {
	const view = signal<View>("overlay");
	/** Space is held: the original image shows. */
	const peeking = signal(false);
	const input = signal<Picture | Series | null>(null);
	const chosenSlice = signal<number | null>(null);
	const chosenChannel = signal(0);
	/** The slice is the person's choice, or the one that the first whole map was strongest at. */
	let settled = false;

	const picture = computed(() => (input.value?.kind === "picture" ? input.value : null));
	const series = computed(() => (input.value?.kind === "signal" ? input.value : null));
	/** How many axes the chosen input has in space. */
	const space = computed(() =>
		input.value ? sizesOf(input.value).length : (network.value.inputs[input_idx.value]?.space ?? 2),
	);
	/** Sizes in its own pixels: (length), (height, width) or (slices, height, width). */
	const extent = computed<number[]>(() => (input.value ? sizesOf(input.value) : Array(space.value).fill(1)));
	const slice = computed(() => sliceWithin(depthOf(extent.value), chosenSlice.value));
	/** The first channel of a signal that has more than the stage has lanes. */
	const firstChannel = computed(() => {
		const most = series.value ? series.value.shape[1] - laneCount(series.value) : 0;
		return Math.min(most, Math.max(0, chosenChannel.value));
	});

	/** What of it Python and other views are told. */
	const seen = computed(() => ({
		view: view.value,
		slice: chosenSlice.value ?? -1,
		channel: chosenChannel.value,
	}));

	/** Show what another view shows, or this one did before the page was loaded again. */
	function follow({ view: chosen, slice, channel }: Seen): void {
		view.value = chosen;
		chosenChannel.value = channel;
		if (slice < 0 || slice === chosenSlice.peek()) return;
		chosenSlice.value = slice;
		settled = true;
	}
	/** Another input begins anew; a slice stays for the next image. */
	function show(another: Picture | Series): void {
		if ((input.peek() ?? another).input_idx !== another.input_idx) {
			chosenSlice.value = null;
			chosenChannel.value = 0;
			settled = false;
		}
		input.value = another;
	}
	/** The first map of a volume is shown where it is strongest; from then on the slice stays. */
	function found({ final, shape, values }: Heatmap): void {
		if (shape.length !== 3 || settled) return;
		if (final || chosenSlice.peek() === null) chosenSlice.value = strongestSlice(values, shape[0] as number);
		settled = final;
	}
	function chooseSlice(at: number): void {
		chosenSlice.value = at;
		settled = true;
	}
	function startAt(channel: number): void {
		chosenChannel.value = channel;
		chosenChannel.value = firstChannel.peek();
	}
	return {
		view,
		peeking,
		input: input as ReadonlySignal<Picture | Series | null>,
		picture,
		series,
		space,
		extent,
		slice,
		chosenSlice: chosenSlice as ReadonlySignal<number | null>,
		firstChannel,
		seen,
		follow,
		show,
		found,
		chooseSlice,
		startAt,
	};
}

function sizesOf(input: Picture | Series): number[] {
	return input.shape.slice(0, -1);
}

/** How many slices there are; 1 but for a volume. */
export function depthOf(extent: readonly number[]): number {
	return extent.length === 3 ? (extent[0] as number) : 1;
}

/** The chosen slice, or the middle one. */
export function sliceWithin(depth: number, chosen: number | null): number {
	return Math.min(depth - 1, chosen ?? Math.floor(depth / 2));
}
