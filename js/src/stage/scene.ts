// The input with the map of one pane that belongs to it.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Heatmap } from "../kernel/protocol";
import { depthOf, type ShownInput, sliceWithin, type View } from "./input";
import { indicesAt, type Probe, sharesOf } from "./places";

export type Scene = ReturnType<typeof sceneOf>;

export function sceneOf(shownInput: ShownInput, methods: TraitSignals["methods"], map: ReadonlySignal<Heatmap | null>) {
	const { chooseSlice, chosenSlice, input, peeking, view } = shownInput;
	const onImage = computed(() => methods.value.find(({ name }) => name === map.value?.method)?.on_image ?? true);
	/** Sizes of what shows, in its own pixels: (length), (height, width) or (slices, height, width). */
	const extent = computed(() => (!onImage.value && map.value ? map.value.shape : shownInput.extent.value));
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
	const depth = computed(() => depthOf(extent.value));
	const slice = computed(() => sliceWithin(depth.value, chosenSlice.value));
	/** Height and width of what shows. */
	const plane = computed<[number, number]>(() => {
		const [height = 1, width] = extent.value.slice(-2);
		return width === undefined ? [1, height] : [height, width];
	});

	function cut(at: number): void {
		chooseSlice(Math.min(depth.peek() - 1, Math.max(0, at)));
	}
	/** The place as shares of the axes of what shows, the slowest first. */
	function at(probe: Probe): number[] {
		return sharesOf(probe, extent.value.length, slice.value, depth.value);
	}
	/** The pixel, position or voxel there. */
	function indices(probe: Probe): number[] {
		return indicesAt(at(probe), extent.value);
	}
	const together = { onImage, extent, alone, elsewhere, shown, depth, slice, plane };
	return { ...shownInput, ...together, cut, at, indices };
}
