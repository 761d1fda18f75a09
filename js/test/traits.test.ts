import { expect, it } from "vitest";
import { blankTraits, readTrait, type Traits } from "../src/traits";

const blank = blankTraits();

it.each<[keyof Traits, unknown]>([
	["network", null],
	["network", "a network"],
	["methods", {}],
	["labels", undefined],
	["layer_idx", "3"],
	["opacity", "nan"],
	["filter_indices", "3"],
	["filter_indices", [1, "2"]],
	["backprop_modifier", 5],
	["options", null],
	["versus", "3"],
	["cell", 3],
	["cell", [1, null]],
	["aim", null],
	["aim", Number.NaN],
	["target", null],
	["seed", "7"],
])("%s falls back when it is %j", (name, value) => {
	expect(readTrait(name, value, blank[name])).toEqual(blank[name]);
});

it.each<[keyof Traits, unknown]>([
	["filter_indices", null],
	["filter_indices", 0],
	["filter_indices", [3, 5]],
	["backprop_modifier", "guided"],
	["backprop_modifier", null],
	["layer_idx", 0],
	["options", { patch: 8 }],
	["versus", null],
	["versus", [3, 5]],
	["cell", null],
	["cell", [3, 4]],
	["aim", "maintain"],
	["aim", -0.5],
	["target", "steering"],
])("%s may be %j", (name, value) => {
	expect(readTrait(name, value, blank[name])).toEqual(value);
});

it("completes an object that lacks a part", () => {
	expect(readTrait("network", { name: "m" }, blank.network)).toEqual({ ...blank.network, name: "m" });
	expect(readTrait("network", { name: "m", layers: "many" }, blank.network).layers).toEqual([]);
});
