// What a person does to choose the target. Each is one question; none is asked while Python's target stands.

import { effect, type ReadonlySignal, type Signal, untracked } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Picked } from "../kernel/protocol";
import { deepEqual } from "../kernel/question";
import type { Controls, FilterIndices, Method, QuestionControls } from "../kernel/traits";
import { cellAt, type Probe } from "../stage/places";
import type { Scene } from "../stage/scene";
import type { Target } from "./target";

/** What choosing needs of the store. */
export interface Chooser {
	traits: TraitSignals;
	target: Target;
	/** Layer, filters and the rest decide what is explained: somebody answers, and Python has not named a target. */
	editable: ReadonlySignal<boolean>;
	/** The method that the open tab asks by. */
	methodInUse: ReadonlySignal<Method | undefined>;
	/** Why a layer can't be the target of that method, by layer index. */
	unusable: ReadonlySignal<ReadonlyMap<number, string>>;
	/** A notice of the page itself. */
	notice: Signal<string>;
	/** The last click in a chart. */
	picked: ReadonlySignal<Picked | null>;
	ask: (changes: Partial<Controls>) => void;
}

/** Make a class target A. The class that is B changes places with it: A − A is no question. */
export function chooseClass(store: Chooser, index: number): void {
	const { chosenClass, otherClass, output } = store.target;
	if (!store.editable.value) return;
	const swapped = index === otherClass.value ? { versus: chosenClass.value } : {};
	pickLayer(store, output.value.layer, { filter_indices: index, ...swapped });
}

/** Explain a layer that was clicked. A method that can't gives way to the first that can, and the page says so. */
export function pickLayer(store: Chooser, layer: number, changes: Partial<QuestionControls> = {}): void {
	if (!store.editable.value) return;
	const { traits } = store;
	const can = ({ unusable }: Method) => unusable.every(([index]) => index !== layer);
	const left = store.methodInUse.value;
	const taken = left && !can(left) ? traits.methods.value.find(can) : undefined;
	store.ask({ layer_idx: layer, ...changes, ...(taken && { method: taken.name }) });
	if (left && taken) {
		const name = traits.network.value.layers[layer]?.name ?? "it";
		store.notice.value = `${left.title} can't explain ${name}: the method is now ${taken.title}.`;
	}
}

/** Choose the classes that are clicked in a chart, outside the view. */
export function followPicks(store: Chooser): () => void {
	return effect(() => {
		const { picked } = store;
		if (picked.value !== null) untracked(() => chooseClass(store, (picked.value as Picked).index));
	});
}

/** Follow the image: its best class, whichever that is. A class that is B already can't be A as well. */
export function chooseBest(store: Chooser): void {
	const { best, otherClass, output } = store.target;
	if (!store.editable.value) return;
	const alone = best.value === otherClass.value ? { versus: null } : {};
	store.ask({ layer_idx: output.value.layer, filter_indices: null, ...alone });
}

/** Make filters of the layer target A, which on an output are classes; all of them are its best. */
export function chooseFilters(store: Chooser, filters: FilterIndices): void {
	const { ofOutput } = store.target;
	if (ofOutput.value && typeof filters === "number") chooseClass(store, filters);
	else if (store.editable.value) store.ask({ filter_indices: filters });
}

/** Make filters of the layer target B, or with null explain A alone. */
export function compareWith(store: Chooser, versus: FilterIndices): void {
	if (!store.editable.value) return;
	if (versus !== null && deepEqual(versus, store.target.filters.value)) store.notice.value = "That is target A itself.";
	else store.ask({ versus });
}

/** Make a class of the output target B, or no longer when it is; with no class for A it becomes A. */
export function toggleOther(store: Chooser, index: number): void {
	const { chosenClass, otherClass } = store.target;
	if (chosenClass.value === null || index === chosenClass.value) chooseClass(store, index);
	else compareWith(store, index === otherClass.value ? null : index);
}

/** A for B and B for A; all filters together can't be B. */
export function swap(store: Chooser): void {
	const filters = store.target.filters.value;
	const versus = store.traits.versus.value;
	if (store.editable.value && versus !== null && filters !== null) {
		store.ask({ filter_indices: versus, versus: filters });
	}
}

/** Explain the one cell of the layer's feature map that lies under a place of the input. */
export function chooseCell(store: Chooser, scene: Pick<Scene, "onImage" | "at">, probe: Probe): void {
	if (!store.editable.value || !scene.onImage.value) return;
	const layer = store.target.layer.value;
	const cell = cellAt(scene.at(probe), layer?.cells ?? null);
	if (cell) store.ask({ cell });
	else store.notice.value = `${layer?.name ?? "The layer"} has no cells that lie over the input.`;
}

export function chooseLayer(store: Chooser, index: number): void {
	if (store.editable.value) store.ask({ layer_idx: index });
}

/** Go `step` layers up or down, over those that the method can't use. */
export function stepLayer(store: Chooser, step: 1 | -1): void {
	const { layers } = store.traits.network.value;
	let at = store.traits.layer_idx.value + step;
	while (layers[at] && store.unusable.value.has(at)) at += step;
	if (layers[at]) chooseLayer(store, at);
}

export function stepImage(store: Chooser, step: 1 | -1): void {
	const at = store.traits.image_idx.value + step;
	if (store.traits.images.value[at]) store.ask({ image_idx: at });
}
