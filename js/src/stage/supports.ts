// The point probe: what each cell of a feature map adds to the likeliest classes. It comes once; hovering asks nothing.

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Scores, Supports, ToKernel } from "../kernel/protocol";
import type { ShownInput } from "./input";
import { flatIndex, indicesAt } from "./places";

interface Surroundings {
	/** The tool is in the hand, and the kernel answers. */
	wanted: ReadonlySignal<boolean>;
	input: Pick<ShownInput, "input">;
	output: ReadonlySignal<{ layer: number }>;
	/** Those of the output: the kernel has taken up image and output, and what it says of them is here. */
	scores: ReadonlySignal<Scores | null>;
	request: (message: ToKernel) => void;
}

export function supportsOf({ wanted, input, output, scores, request }: Surroundings) {
	const newest = signal<Supports | null>(null);
	const input_idx = computed(() => input.input.value?.input_idx);
	/** Those of what shows, while they are wanted. */
	const current = computed(() => {
		const { value: found } = newest;
		const here = input.input.value;
		const same = found?.image_idx === here?.image_idx && found?.input_idx === here?.input_idx;
		const fits = found?.layer === output.value.layer && found.shape.length === (here?.shape.length ?? 0) - 1;
		return wanted.value && same && fits ? found : null;
	});
	/** The largest magnitude of all classes and cells: a bar of full length. */
	const top = computed(() => newest.value?.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0);

	/** The kernel tells them anew by itself where weights or names change. */
	const dispose = effect(() => {
		if (wanted.value && scores.value && input_idx.value !== undefined) untracked(() => request({ kind: "probe" }));
	});
	function receive(message: Supports): void {
		newest.value = message;
	}
	return { current, top, receive, dispose };
}

/** The cell at a place, given as shares of the axes, and what it adds to each class. */
export function supportsAt({ classes, labels, shape, values }: Supports, shares: readonly number[]) {
	const cell = indicesAt(shares, shape);
	const at = flatIndex(cell, shape);
	const cells = values.length / classes.length;
	return {
		cell,
		rows: classes.map((index, n) => ({ index, label: labels[n] ?? "", value: values[n * cells + at] ?? 0 })),
	};
}
