// What is explained: filters of a layer (target A), less others of it (target B), or a target that Python has named.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Scores } from "../kernel/protocol";
import type { FilterIndices } from "../kernel/traits";
import { formatCell } from "../stage/places";
import { formatEnd, formatOrdinal, formatShare } from "../text/format";
import { classLabel, isShare, topClasses } from "./classes";
import { formatFilters } from "./filters";
import { labelsAt, outputAt } from "./network";

/** A chosen class that is not among so many, or has less than this share, is not what the image is of. */
const NEAR = 5;
const SLIGHT = 0.01;

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
	/** The class with the highest score on the image. */
	const best = computed(() => topClasses(scores.value?.values ?? [], 1, [])[0]?.index ?? null);
	/** The class that is explained: the chosen one, or with none chosen (null) the image's best; null elsewhere. */
	const chosenClass = computed<number | null>(() => {
		const filters = filter_indices.value;
		if (!ofOutput.value || target.value) return null;
		if (filters !== null || layer.value?.cells) return typeof filters === "number" ? filters : null;
		return best.value;
	});
	/** The one class that is subtracted; null elsewhere. */
	const otherClass = computed<number | null>(() =>
		ofOutput.value && !target.value && typeof versus.value === "number" ? versus.value : null,
	);
	/** The filters of target A, as target B could have them: null where they are all. */
	const filters = computed<FilterIndices>(() => chosenClass.value ?? filter_indices.value);

	/** What the filters of the layer are called, where they are classes. */
	const names = computed(() => (ofOutput.value ? labels.value : []));
	/** "brown bear is 412th of 1000 here, <0.1%": a class that was chosen for another image, perhaps; else empty. */
	const farBehind = computed(() => {
		const { activation = "none", values = [] } = scores.value ?? {};
		const chosen = chosenClass.value ?? -1;
		const score = values[chosen];
		if (score === undefined || filter_indices.value === null || activation === "none") return "";
		const rank = 1 + [...values].filter((other) => other > score).length;
		if (rank === 1 || (rank <= NEAR && score >= SLIGHT)) return "";
		return `${className(chosen)} is ${formatOrdinal(rank)} of ${values.length} here, ${formatScore(score)}`;
	});

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
		names,
		scores,
		classes,
		best,
		chosenClass,
		farBehind,
		otherClass,
		filters,
		words,
		className,
		formatScore,
	};
}
