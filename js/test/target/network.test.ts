import { expect, it } from "vitest";
import { blankTraits, type Output } from "../../src/kernel/traits";
import { isOutput, labelsAt, outputAt, unitOf } from "../../src/target/network";
import { smallNetwork } from "../network";

const outputs: Output[] = [
	{ layer: 2, activation: "softmax" },
	{ layer: 3, activation: "none" },
];
const network = smallNetwork({ outputs });

it("speaks of the chosen output, and of the first at any other layer", () => {
	expect([0, 1, 2, 3].map((layer) => outputAt(network, layer).layer)).toEqual([2, 2, 2, 3]);
	expect(outputAt(blankTraits().network, 0)).toEqual({ layer: -1, activation: "none" });
	expect(network.layers.map((layer) => isOutput(layer, network))).toEqual([false, false, true, true]);
});

it("calls what an output has by its activation", () => {
	expect(outputs.map(unitOf)).toEqual(["class", "output"]);
});

it("names another output's classes only when there are as many names", () => {
	const labels = ["a", "b", "c", "d"];
	expect(outputs.map((output) => labelsAt(labels, network, output))).toEqual([labels, []]);
	expect(outputs.map((output) => labelsAt(["a", "b"], network, output))).toEqual([["a", "b"], []]);
	expect(labelsAt(["angle"], network, outputs[1] as Output)).toEqual(["angle"]);
});
