// What is explained: filters of a layer (target A), less others of it (target B), or a target that Python has named.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { TraitSignals } from "./bind";
import { classLabel, isShare, topClasses } from "./classes";
import { formatFilters } from "./filters";
import { formatEnd, formatShare } from "./format";
import { labelsAt, outputAt } from "./network";
import { formatCell } from "./places";
import type { Scores } from "./protocol";
import type { FilterIndices } from "./traits";

export type Target = ReturnType<typeof targetOf>;

export function targetOf(traits: TraitSignals, scoresOf: ReadonlySignal<ReadonlyMap<number, Scores>>) {
	const { cell, filter_indices, layer_idx, network, target, versus } = traits;
	const layer = computed(() => network.value.layers[layer_idx.value]);
	const output = computed(() => outputAt(network.value, layer_idx.value));
	/** The layer is an output, so that its filters are classes. */
	const ofOutput = computed(() => layer_idx.value === output.value.layer);
	const labels = computed(() => labelsAt(traits.labels.value, network.value, output.value));
	const scores = computed(() => scoresOf.value.get(output.value.layer) ?? null);
	/** How many classes the output has. */
	const classes = computed(
		() => scores.value?.values.length ?? network.value.layers[output.value.layer]?.filters ?? labels.value.length,
	);
	/** The class that is explained: the chosen one, or with none chosen (null) the image's best; null elsewhere. */
	const chosenClass = computed<number | null>(() => {
		const filters = filter_indices.value;
		if (!ofOutput.value || target.value) return null;
		if (filters !== null || layer.value?.cells) return typeof filters === "number" ? filters : null;
		return topClasses(scores.value?.values ?? [], 1, [])[0]?.index ?? null;
	});
	/** The one class that is subtracted; null elsewhere. */
	const otherClass = computed<number | null>(() =>
		ofOutput.value && !target.value && typeof versus.value === "number" ? versus.value : null,
	);
	/** The filters of target A, as target B could have them: null where they are all. */
	const filters = computed<FilterIndices>(() => chosenClass.value ?? filter_indices.value);

	const words = computed(() => {
		if (target.value) return target.value;
		const words = [inWords(filters.value)];
		if (versus.value !== null) words.push("−", inWords(versus.value));
		if (chosenClass.value === null) words.push("of", layer.value?.name ?? "");
		if (cell.value) words.push("at", formatCell(cell.value));
		return words.join(" ");
	});
	function inWords(some: FilterIndices): string {
		return ofOutput.value && typeof some === "number" ? className(some) : formatFilters(some);
	}
	function className(index: number): string {
		return classLabel(labels.value, index, output.value);
	}
	function formatScore(score: number | null): string {
		if (score === null) return "";
		return isShare(scores.value?.activation ?? "none") ? formatShare(score) : formatEnd(score);
	}
	return {
		layer,
		output,
		ofOutput,
		labels,
		scores,
		classes,
		chosenClass,
		otherClass,
		filters,
		words,
		className,
		formatScore,
	};
}
