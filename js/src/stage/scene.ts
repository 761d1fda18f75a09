// What the stage shows: the input, and which of its slices, with the map that belongs to it.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Heatmap, Picture, Series } from "../kernel/protocol";
import type { Seen } from "../kernel/traits";
import { laneCount } from "./lanes";
import { indicesAt, type Probe, sharesOf, strongestSlice } from "./places";

export type View = Seen["view"];
export type Scene = ReturnType<typeof sceneOf>;

export function sceneOf({ input_idx, methods, network }: TraitSignals, map: ReadonlySignal<Heatmap | null>) {
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
	const onImage = computed(() => methods.value.find(({ name }) => name === map.value?.method)?.on_image ?? true);
	/** Sizes of what shows, in its own pixels: (length), (height, width) or (slices, height, width). */
	const extent = computed<number[]>(() => {
		if (!onImage.value && map.value) return map.value.shape;
		return input.value ? sizesOf(input.value) : Array(space.value).fill(1);
	});
	/** The overlay is all that shows: chosen so, or a map that is no picture of the input (a layer's weights). */
	const alone = computed(() => view.value === "map" || !onImage.value);
	/** The input has changed and the map is still of another: they must not be seen as one. */
	const elsewhere = computed(() => {
		if (!input.value || !map.value) return false;
		const { asked, shape } = map.value;
		const same = input.value.image_idx === asked.image_idx && input.value.input_idx === asked.input_idx;
		return !same || (onImage.value && shape.length !== extent.value.length);
	});
	const shown = computed<View>(() => (peeking.value || elsewhere.value ? "image" : view.value));

	const depth = computed(() => (extent.value.length === 3 ? (extent.value[0] as number) : 1));
	const slice = computed(() => Math.min(depth.value - 1, chosenSlice.value ?? Math.floor(depth.value / 2)));
	/** The first channel of a signal that has more than the stage has lanes. */
	const firstChannel = computed(() => {
		const most = series.value ? series.value.shape[1] - laneCount(series.value) : 0;
		return Math.min(most, Math.max(0, chosenChannel.value));
	});
	/** Height and width of what shows. */
	const plane = computed<[number, number]>(() => {
		const [height = 1, width] = extent.value.slice(-2);
		return width === undefined ? [1, height] : [height, width];
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
	function cut(at: number): void {
		chosenSlice.value = Math.min(depth.peek() - 1, Math.max(0, at));
		settled = true;
	}
	function startAt(channel: number): void {
		chosenChannel.value = channel;
		chosenChannel.value = firstChannel.peek();
	}
	/** The place as shares of the axes of what shows, the slowest first. */
	function at(probe: Probe): number[] {
		return sharesOf(probe, extent.value.length, slice.value, depth.value);
	}
	/** The pixel, position or voxel there. */
	function indices(probe: Probe): number[] {
		return indicesAt(at(probe), extent.value);
	}
	return {
		view,
		peeking,
		input: input as ReadonlySignal<Picture | Series | null>,
		picture,
		series,
		space,
		onImage,
		extent,
		alone,
		elsewhere,
		shown,
		depth,
		slice,
		firstChannel,
		plane,
		seen,
		follow,
		show,
		found,
		cut,
		startAt,
		at,
		indices,
	};
}

function sizesOf(input: Picture | Series): number[] {
	return input.shape.slice(0, -1);
}
