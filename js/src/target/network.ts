// What the network's traits say about a layer. Pure.

import type { Layer, Network, Output } from "../kernel/traits";

const NO_OUTPUT: Output = { layer: -1, activation: "none" };

/** The output that the page speaks of at a layer: the layer itself where it is one, else the first. */
export function outputAt({ outputs }: Network, layer: number): Output {
	return outputs.find((output) => output.layer === layer) ?? outputs[0] ?? NO_OUTPUT;
}

/** What an output of this kind has: "class" or "output". */
export function unitOf({ activation }: Pick<Output, "activation">): "class" | "output" {
	return activation === "none" ? "output" : "class";
}

/** The names of an output's classes: those that were given are of the first output, or of one with as many. */
export function labelsAt(labels: string[], network: Network, { layer }: Output): string[] {
	const first = layer === network.outputs[0]?.layer;
	return first || labels.length === network.layers[layer]?.filters ? labels : [];
}

export function isOutput({ index }: Pick<Layer, "index">, { outputs }: Network): boolean {
	return outputs.some(({ layer }) => layer === index);
}
