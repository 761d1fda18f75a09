// One signal a trait, kept equal to the model in both directions.

import type { AnyModel } from "@anywidget/types";
import { type Signal, signal } from "@preact/signals";
import { blankTraits, readTrait, type Traits } from "./traits";

export type TraitSignals = { readonly [K in keyof Traits]: Signal<Traits[K]> };
export type ExplorerModel = AnyModel<Traits & Record<string, unknown>>;

/** Signals that follow the model, and a function that stops following. */
export function bindTraits(model: ExplorerModel): [TraitSignals, () => void] {
	const blanks = blankTraits();
	const undo: (() => void)[] = [];
	function bind<K extends keyof Traits>(name: K): Signal<Traits[K]> {
		const read = () => readTrait(name, model.get(name), blanks[name]);
		const bound = signal(read());
		const follow = () => {
			bound.value = read();
		};
		model.on(`change:${name}`, follow);
		undo.push(() => model.off(`change:${name}`, follow));
		return bound;
	}
	const names = Object.keys(blanks) as (keyof Traits)[];
	const signals = Object.fromEntries(names.map((name) => [name, bind(name)])) as unknown as TraitSignals;
	function unbind(): void {
		for (const stop of undo) stop();
	}
	return [signals, unbind];
}
