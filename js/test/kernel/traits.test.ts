import { expect, it } from "vitest";
import rows from "../../../tests/controls.json";
import {
	APPEARANCE_CONTROLS,
	blankTraits,
	type Controls,
	QUESTION_CONTROLS,
	readTrait,
	TEST_CONTROLS,
	type Traits,
} from "../../src/kernel/traits";
import { TABS } from "../../src/tabs/tabs";

const blank = blankTraits();

interface Row {
	name: keyof Controls;
	decides: string;
	travels: string;
	/** As the kernel opens, on the wire; where the model decides it, there is none. */
	default?: unknown;
}
const table = rows as Row[];

/** What a kernel may say of a control, by the way that it travels; and what it never says. */
const WAYS: Record<string, { said: unknown[]; never: unknown[] }> = {
	cell: { said: [null, [0], [3, 4], [1, 2, 3]], never: [3, "3", [1, null]] },
	function: { said: [null, "guided", "<lambda>()"], never: [5, {}, ["guided"]] },
	target: { said: ["", "bee − cat"], never: [null, 3, {}] },
	region: { said: [null, { size: [3, 4], bits: "//A=" }], never: [[], "//A=", { size: [3, 4], bits: "" }] },
	options: { said: [{}, { baseline: "given", steps: 4 }], never: [null, "steps", [4]] },
};

it("has the kernel's controls, in their order", () => {
	const deciding = (what: string) => table.filter(({ decides }) => decides === what).map(({ name }) => name);
	expect(QUESTION_CONTROLS).toEqual(deciding("answer"));
	expect(APPEARANCE_CONTROLS).toEqual(deciding("look"));
	expect(TEST_CONTROLS).toEqual(deciding("test"));
});

it.each(table.filter((row) => "default" in row))("opens $name where the kernel does", (row) => {
	// An unknown tab, as "", shows the first.
	const value = row.name === "tab" ? TABS[0].name : blank[row.name];
	expect(value).toEqual(row.default);
});

it.each(table)("reads $name as it travels", ({ name, travels }) => {
	const { said, never } = WAYS[travels] ?? { said: [blank[name]], never: [undefined, Symbol(name)] };
	for (const value of said) expect(readTrait(name, value, blank[name])).toEqual(value);
	for (const value of never) expect(readTrait(name, value, blank[name])).toEqual(blank[name]);
});

it("reads any name of a tab: which there are, the table of tabs knows", () => {
	expect(readTrait("tab", "atlas", blank.tab)).toBe("atlas");
});

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
	["tab", 3],
	["region", "none"],
	["region", {}],
	["region", { size: [3, 4], bits: "//" }],
	["region", { size: [3, 4], bits: "////" }],
	["region", { size: [3, 4], bits: "/<A=" }],
	["region", { size: [3, 4], bits: 3 }],
	["region", { size: [0, 4], bits: "" }],
	["region", { size: [-3, -4], bits: "//A=" }],
	["region", { size: [1.5, 8], bits: "//A=" }],
	["region", { size: [12], bits: "//A=" }],
	["region", { size: [1e200, 1e200], bits: "//A=" }],
	["replace", null],
	["keep", 1],
	["replacements", {}],
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
	["region", null],
	["region", { size: [3, 4], bits: "//A=" }],
	["region", { size: [4, 4], bits: "AAA=" }],
	["region", { size: [1, 8], bits: "/w==" }],
	["region", { size: [4, 6], bits: "AAAA" }],
	["replace", "mean"],
	["keep", true],
])("%s may be %j", (name, value) => {
	expect(readTrait(name, value, blank[name])).toEqual(value);
});

it("completes an object that lacks a part", () => {
	expect(readTrait("network", { name: "m" }, blank.network)).toEqual({ ...blank.network, name: "m" });
	expect(readTrait("network", { name: "m", layers: "many" }, blank.network).layers).toEqual([]);
});
