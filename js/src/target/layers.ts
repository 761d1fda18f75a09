// Layers by what a person types of them: an index, a name, a part of a name or of a kind. Pure.

import type { Layer } from "../kernel/traits";
import { nearest } from "../text/nearest";
import type { Parsed } from "../text/parsed";

/** Those whose index, name or kind have all the words, in call order. */
export function findLayers(layers: readonly Layer[], typed: string): Layer[] {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	return layers.filter(({ index, name, kind }) => {
		const text = `${index} ${name} ${kind}`.toLowerCase();
		return words.every((word) => text.includes(word));
	});
}

/** The index of the layer that was typed, or one sentence that says why it is none. */
export function parseLayer(typed: string, layers: readonly Layer[]): Parsed<number> {
	const wanted = typed.trim().toLowerCase();
	const last = layers.length - 1;
	if (/^-?\d+$/.test(wanted)) {
		const index = Number(wanted);
		return layers[index] ? { value: index } : { problem: `There is no layer ${wanted}: they are 0 to ${last}.` };
	}
	const exact = layers.find(({ name }) => name.toLowerCase() === wanted);
	if (exact) return { value: exact.index };
	const like = wanted ? layers.filter(({ name }) => name.toLowerCase().includes(wanted)) : [];
	if (like.length === 1) return { value: (like[0] as Layer).index };
	if (like.length > 1) return { problem: `${like.length} layers have “${wanted}” in their names: write more of one.` };
	const names = layers.map(({ name }) => name);
	const hint = nearest(wanted, names);
	if (!hint) return { problem: `Write a layer's name, or its number, 0 to ${last}.` };
	return { problem: `There is no layer “${typed.trim()}”; the nearest is ${hint}.` };
}
