// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Traits } from "../../src/kernel/traits";
import { smallNetwork, smallTraits } from "../network";
import { choose, drag, frames, labelled, press, renderFresh, renderSilent, useViews } from "../view";

useViews();

const HIDDEN: Partial<Traits> = { layer_idx: 153, filter_indices: 3 };
const REGRESSION = smallTraits({ outputs: [{ layer: 2, activation: "none" }] });
const has = (el: HTMLElement, name: string) => el.querySelector(`[aria-label="${name}"]`) !== null;
const more = (el: HTMLElement) => el.querySelector<HTMLButtonElement>(".sw-more");

describe("versus", () => {
	it("is off at first, and finds a class of the output", async () => {
		const { fake, el } = await renderFresh();
		expect(labelled(el, "versus").value).toBe("");
		expect([has(el, "swap A and B"), has(el, "no target B")]).toEqual([false, false]);
		labelled(el, "find a class to subtract").click();
		await frames();
		const box = labelled(el, "class name or number");
		choose(box, "coucal");
		await frames();
		press(box, "Enter");
		await frames();
		expect(fake.saved).toEqual([{ versus: 91 }]);
		expect(el.querySelector(".sw-question")?.textContent).toContain("A − B, B is coucal");
		expect(el.querySelector(".sw-sentence b")?.textContent).toBe("water ouzel − coucal");
		expect([...el.querySelectorAll(".sw-target-mark")].map((mark) => mark.textContent)).toEqual(["A", "− B"]);
	});

	it("is swapped and cleared", async () => {
		const { fake, el } = await renderFresh({ versus: 91 });
		labelled(el, "swap A and B").click();
		await frames();
		labelled(el, "no target B").click();
		await frames();
		expect(fake.saved).toEqual([{ filter_indices: 91, versus: 20 }, { versus: null }]);
		expect(has(el, "swap A and B")).toBe(false);
	});

	it("is a number of a hidden layer's filters, with no classes to find", async () => {
		const { fake, el } = await renderFresh(HIDDEN);
		expect(has(el, "find a class to subtract")).toBe(false);
		for (const typed of ["7", "5, 6", "none"]) choose(labelled(el, "versus"), typed);
		expect(fake.saved).toEqual([{ versus: 7 }, { versus: [5, 6] }, { versus: null }]);
		choose(labelled(el, "versus"), "1280");
		await frames();
		expect(el.textContent).toContain("There is no filter 1280: they are 0 to 1279.");
		expect(fake.saved).toHaveLength(3);
	});

	it("is not there for a single filter", async () => {
		const { el } = await renderFresh({ ...smallTraits(), layer_idx: 3, filter_indices: 0 });
		expect(has(el, "versus")).toBe(false);
	});
});

describe("the aim", () => {
	it("waits under 'more' for a class, and stays once it is touched", async () => {
		const { fake, el } = await renderFresh();
		expect([has(el, "aim"), more(el)?.textContent, more(el)?.getAttribute("aria-expanded")]).toEqual([
			false,
			"▸ more: aim",
			"false",
		]);
		more(el)?.click();
		await frames();
		choose(labelled(el, "aim"), "decrease");
		choose(labelled(el, "aim"), "increase");
		await frames();
		expect(has(el, "aim")).toBe(true);
		expect(fake.saved).toEqual([{ aim: "decrease" }, { aim: "increase" }]);
		more(el)?.click();
		await frames();
		expect(has(el, "aim")).toBe(false);
	});

	it.each<[string, Partial<Traits>]>([
		["a regression", REGRESSION],
		["a hidden layer", HIDDEN],
		["a class that is to fall", { aim: "decrease" }],
	])("shows for %s", async (_, traits) => {
		const { el } = await renderFresh(traits);
		expect(has(el, "aim")).toBe(true);
		expect(more(el)?.textContent ?? "").not.toContain("aim");
	});

	it("goes towards a value, from the one that is", async () => {
		const { fake, el } = renderSilent(REGRESSION);
		fake.tell({ kind: "scores", image_idx: 0, layer: 2, activation: "none" }, Float32Array.of(0, -0.07312, 5, 6));
		await frames();
		fake.saved.length = 0;
		choose(labelled(el, "aim"), "towards");
		await frames();
		choose(labelled(el, "aim value"), "0.5");
		choose(labelled(el, "aim value"), "−2");
		choose(labelled(el, "aim value"), "much");
		expect(fake.saved).toEqual([{ aim: -0.0731 }, { aim: 0.5 }, { aim: -2 }]);
		await frames();
		expect(labelled(el, "aim").value).toBe("towards");
		expect(el.textContent).toContain("now −0.0731");
		choose(labelled(el, "aim"), "maintain");
		await frames();
		expect(has(el, "aim value")).toBe(false);
	});
});

describe("the cell", () => {
	it("is typed, refused, and taken back", async () => {
		const { fake, el } = await renderFresh(HIDDEN);
		expect([has(el, "cell"), more(el)?.textContent]).toEqual([false, "▸ more: cell"]);
		more(el)?.click();
		await frames();
		choose(labelled(el, "cell"), "3, 4");
		await frames();
		choose(labelled(el, "cell"), "3, 7");
		await frames();
		expect(el.textContent).toContain("There is no cell 7: they are 0 to 6.");
		labelled(el, "all cells").click();
		expect(fake.saved).toEqual([{ cell: [3, 4] }, { cell: null }]);
	});

	it("shows when it is chosen, also where the layer has none", async () => {
		const { fake, el } = await renderFresh({ ...HIDDEN, cell: [3, 4] });
		expect(labelled(el, "cell").value).toBe("3, 4");
		fake.python({ layer_idx: 155, filter_indices: 20 });
		await frames();
		expect(el.textContent).toContain("this layer has no cells");
		labelled(el, "all cells").click();
		await frames();
		expect(fake.saved).toEqual([{ cell: null }]);
		expect(has(el, "cell")).toBe(false);
	});
});

describe("the seed", () => {
	it("is there for methods that draw random numbers", async () => {
		const { fake, el } = await renderFresh({ method: "smoothgrad" });
		expect([has(el, "seed"), more(el)?.textContent]).toEqual([false, "▸ more: seed, aim"]);
		more(el)?.click();
		await frames();
		expect([labelled(el, "seed").min, labelled(el, "seed").max]).toEqual(["0", "999"]);
		drag(labelled(el, "seed"), 17);
		choose(labelled(el, "seed value"), "5000");
		expect(fake.saved).toEqual([{ seed: 17 }, { seed: 999 }]);
		fake.python({ method: "saliency" });
		await frames();
		expect(has(el, "seed")).toBe(false);
	});

	it("shows when it is not the usual one", async () => {
		const { el } = await renderFresh({ method: "smoothgrad", seed: 3 });
		expect(labelled(el, "seed value").value).toBe("3");
	});
});

describe("a target of Python's", () => {
	const CONTROLS = ["layer_idx", "filter_indices", "versus", "aim", "score", "find a class", "layer"];

	it("is named, makes the controls wait, and is cleared", async () => {
		const { fake, el } = await renderFresh({ target: "<b>steering</b>", aim: "decrease" });
		const chip = el.querySelector(".sw-target");
		expect(chip?.textContent).toBe("target: <b>steering</b>");
		expect(CONTROLS.map((name) => [name, labelled(el, name).disabled])).toEqual(CONTROLS.map((name) => [name, true]));
		expect([labelled(el, "method").disabled, labelled(el, "backprop_modifier").disabled]).toEqual([false, false]);
		expect(el.querySelectorAll("[data-testid=chip]:not(:disabled)")).toHaveLength(0);
		press(labelled<HTMLElement>(el, "layers"), "ArrowUp");
		labelled(el, "clear the target").click();
		await frames();
		expect(fake.saved).toEqual([{ target: "" }]);
		expect(el.querySelector(".sw-target")).toBeNull();
		expect(labelled(el, "layer_idx").disabled).toBe(false);
	});

	it("is the target in words while the map is on its way", async () => {
		const { fake, el } = await renderFresh();
		fake.python({ target: "steering" });
		await frames();
		expect(el.querySelector(".sw-sentence b")?.textContent).toBe("steering");
	});
});

describe("several outputs", () => {
	const outputs: Traits["network"]["outputs"] = [
		{ layer: 2, activation: "softmax" },
		{ layer: 3, activation: "none" },
	];
	const TWO = { ...smallTraits({ outputs }), labels: ["husky", "wolf", "fox", "coyote"] };
	const texts = (select: HTMLElement) => [...(select as HTMLSelectElement).options].map(({ text }) => text);

	it("are picked from", async () => {
		const { fake, el } = renderSilent(TWO);
		await frames();
		expect(texts(labelled(el, "output"))).toEqual(["2 kinds", "3 angle"]);
		choose(labelled(el, "output"), "3");
		expect(fake.saved).toEqual([{ layer_idx: 3 }]);
		await frames();
		expect(labelled(el, "output").value).toBe("3");
		fake.python({ layer_idx: 1 });
		await frames();
		expect(texts(labelled(el, "output"))).toEqual(["none: a hidden layer", "2 kinds", "3 angle"]);
	});

	it("have their own scores and names", async () => {
		const { fake, el } = renderSilent(TWO);
		fake.tell({ kind: "scores", image_idx: 0, layer: 2, activation: "softmax" }, Float32Array.of(0.1, 0.6, 0.2, 0.1));
		fake.tell({ kind: "scores", image_idx: 0, layer: 3, activation: "none" }, Float32Array.of(-4.25));
		await frames();
		const chips = () => [...el.querySelectorAll("[data-testid=chip]")].map(({ textContent }) => textContent);
		expect(chips()[0]).toBe("Awolf60.0%");
		fake.python({ layer_idx: 3, filter_indices: 0 });
		await frames();
		expect(chips()).toEqual(["Aoutput 0−4.25"]);
		expect(has(el, "find a class")).toBe(false);
		fake.python({ layer_idx: 1 });
		await frames();
		expect(chips()[0]).toBe("wolf60.0%");
	});

	it("show no picker when there is one", async () => {
		const { el } = await renderFresh();
		expect([has(el, "output"), has(el, "map of input")]).toEqual([false, false]);
	});
});

it("asks which of several inputs the map is for", async () => {
	const inputs = [
		{ name: "camera", shape: [8, 8, 3], space: 2 },
		{ name: "speed", shape: [60, 1], space: 1 },
	];
	const { fake, el } = renderSilent({ ...smallTraits(), network: smallNetwork({ inputs }) });
	await frames();
	const select = labelled<HTMLSelectElement>(el, "map of input");
	expect([...select.options].map(({ text }) => text)).toEqual(["camera", "speed"]);
	choose(select, "1");
	expect(fake.saved).toEqual([{ input_idx: 1 }]);
});
