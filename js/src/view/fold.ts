import { USUAL_AIM } from "../kernel/traits";
import type { Store } from "../state/store";

export type Foldable = "aim" | "cell" | "seed";

/** Rows that newcomers need not see: they apply, but stand at what is usual. Nothing that is active is among them. */
export function foldedRows(store: Store): Foldable[] {
	const { aim, cell, seed, target } = store.traits;
	const { layer, ofOutput, output } = store.target;
	const rows: Foldable[] = [];
	if (store.methodInUse.value?.random && seed.value === 0) rows.push("seed");
	// Python's target has an aim and a cell of its own.
	if (target.value !== "") return rows;
	// A class is explained by what makes it rise; of a regression and of a hidden layer the other aims are as usual.
	if (ofOutput.value && output.value.activation !== "none" && aim.value === USUAL_AIM) rows.push("aim");
	if (layer.value?.cells && cell.value === null) rows.push("cell");
	return rows;
}

export function isFolded(store: Store, row: Foldable): boolean {
	return !store.unfolded.value && foldedRows(store).includes(row);
}
