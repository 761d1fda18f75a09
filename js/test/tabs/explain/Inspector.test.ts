// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Method, MethodOption, Options, Traits } from "../../../src/kernel/traits";
import { sendMap } from "../../kernel-messages";
import { METHODS } from "../../network";
import { choose, drag, frames, labelled, renderFresh, useViews } from "../../view";

useViews();

const BASELINES: [unknown, string][] = [
	["black", "black"],
	["blurred", "blurred"],
];

it.each([
	["method", "saliency", { method: "saliency" }],
	["score", "probability", { score: "probability" }],
	["backprop_modifier", "guided", { backprop_modifier: "guided" }],
	["grad_modifier", "negate", { grad_modifier: "negate" }],
	["image_idx", "2", { image_idx: 2 }],
	["layer_idx value", "30", { layer_idx: 30 }],
	["layer_idx value", "out_rel", { layer_idx: 153 }],
	["filter_indices value", "water ouzel", { layer_idx: 155, filter_indices: 20 }],
	["filter_indices value", "3, 5, 7", { filter_indices: [3, 5, 7] }],
	["filter_indices value", "all", { filter_indices: null }],
])("%s set to %s asks %j", async (name, value, saved) => {
	const { fake, el } = await renderFresh();
	choose(labelled(el, name), value);
	expect(fake.saved).toEqual([saved]);
});

it.each([
	["layer_idx value", "9999", "There is no layer 9999: they are 0 to 155."],
	["layer_idx value", "out_relo", "There is no layer “out_relo”; the nearest is out_relu."],
	["layer_idx value", "bock_6_expnd", "the nearest is block_6_expand."],
	["filter_indices value", "water oozel", "No class is called “water oozel”; the nearest is water ouzel."],
	["filter_indices value", "1000", "There is no filter 1000: they are 0 to 999."],
])("%s set to %s asks nothing and says what would do; it goes when it is typed anew", async (name, value, said) => {
	const { fake, el } = await renderFresh();
	choose(labelled(el, name), value);
	await frames();
	expect(fake.saved).toEqual([]);
	expect(el.querySelector(".sw-target-bar")?.textContent).toContain(said);
	labelled(el, name).dispatchEvent(new Event("input", { bubbles: true }));
	await frames();
	expect(el.querySelector(".sw-target-bar")?.textContent).not.toContain(said);
});

it("calls no modifier null", async () => {
	const { fake, el } = await renderFresh({ backprop_modifier: "guided" });
	expect(labelled(el, "backprop_modifier").value).toBe("guided");
	choose(labelled(el, "backprop_modifier"), "");
	expect(fake.saved).toEqual([{ backprop_modifier: null }]);
});

it("says what is wrong with filters, and asks nothing", async () => {
	const { fake, el } = await renderFresh();
	choose(labelled(el, "filter_indices value"), "3, 1000");
	await frames();
	expect(el.textContent).toContain("There is no filter 1000: they are 0 to 999.");
	expect(fake.saved).toEqual([]);
	drag(labelled(el, "filter_indices"), 4);
	await frames();
	expect(el.textContent).not.toContain("There is no filter");
});

it("ranges over the filters of the layer, and names the class of the output", async () => {
	const { fake, el } = await renderFresh();
	expect(labelled(el, "filter_indices").max).toBe("999");
	expect(el.querySelector(".sw-target-bar")?.textContent).toContain("water ouzel");
	fake.python({ layer_idx: 153, filter_indices: 7 });
	await frames();
	expect(labelled(el, "filter_indices").max).toBe("1279");
	expect(el.querySelector(".sw-target-bar")?.textContent).toContain("of 1280 filters");
});

it("makes the options of the method, and keeps only what differs from the default", async () => {
	const { fake, el } = await renderFresh({ method: "occlusion" });
	const patch = labelled(el, "patch");
	expect([patch.min, patch.max, patch.step, patch.value]).toEqual(["8", "96", "8", "32"]);
	drag(patch, 48);
	drag(labelled(el, "stride"), 8);
	drag(patch, 32);
	expect(fake.saved).toEqual([
		{ options: { patch: 48 } },
		{ options: { patch: 48, stride: 8 } },
		{ options: { stride: 8 } },
	]);
});

it("takes a number for each axis", async () => {
	const { fake, el } = await renderFresh({ method: "occlusion" });
	choose(labelled(el, "patch value"), "8, 24, 5");
	await frames();
	expect(el.textContent).toContain("Write one number, or 2 (8, 16).");
	choose(labelled(el, "patch value"), "8, 24");
	await frames();
	expect(fake.saved).toEqual([{ options: { patch: [8, 24] } }]);
	fake.python({ options: { patch: [8, 24] } });
	await frames();
	expect(labelled(el, "patch value").value).toBe("8, 24");
	expect(labelled(el, "patch").value).toBe("8");
	choose(labelled(el, "patch value"), "16");
	expect(fake.saved[1]).toEqual({ options: { patch: 16 } });
});

it("offers the layers that an option takes", async () => {
	const { fake, el } = await renderFresh();
	const select = labelled<HTMLSelectElement>(el, "penultimate_layer_idx");
	expect([...select.options].map((option) => option.text)).toEqual([
		"automatic",
		"117 block_13_depthwise_relu",
		"151 Conv_1",
		"153 out_relu",
	]);
	choose(select, "153");
	choose(select, "");
	expect(fake.saved).toEqual([{ options: { penultimate_layer_idx: 153 } }, { options: {} }]);
});

it("says why a control can't be used", async () => {
	const refusals = { backprop_modifier: "This model has no rectifier.", score: "The output is its own score." };
	const { fake, el } = await renderFresh({ refusals });
	expect([labelled(el, "backprop_modifier").disabled, labelled(el, "score").disabled]).toEqual([true, true]);
	expect(labelled(el, "grad_modifier").disabled).toBe(false);
	expect(labelled(el, "score").parentElement?.title).toBe("The output is its own score.");
	expect(el.textContent).toContain("This model has no rectifier.");
	fake.python({ method: "occlusion" });
	await frames();
	expect(labelled(el, "grad_modifier").disabled).toBe(true);
	expect(el.textContent).toContain("Occlusion uses no gradient.");
});

it("tells the method about this very target", async () => {
	const { fake, el } = await renderFresh();
	expect(el.querySelector(".sw-sentence")?.textContent).toBe("Where the last feature maps support water ouzel.");
	expect([...el.querySelectorAll(".sw-formula sub")].map((sub) => sub.textContent)).toEqual(["k", "k", "k"]);
	drag(labelled(el, "filter_indices"), 91);
	await frames();
	expect(el.querySelector(".sw-sentence b")?.textContent).toBe("coucal");
	sendMap(fake, { seq: 2, target: "coucal (logit)", notes: ["35 of 35 rectifiers modified"] });
	await frames();
	expect(el.querySelector(".sw-sentence b")?.textContent).toBe("coucal (logit)");
	expect(el.querySelector(".sw-notes")?.textContent).toBe("35 of 35 rectifiers modified");
});

it("groups the methods, in their order", async () => {
	const { el } = await renderFresh();
	const groups = [...labelled(el, "method").querySelectorAll("optgroup")];
	expect(groups.map((group) => [group.label, [...group.children].map(({ textContent }) => textContent)])).toEqual([
		["Gradients", ["Saliency", "SmoothGrad"]],
		["Feature maps", ["Grad-CAM"]],
		["Perturbation", ["Occlusion"]],
		["Look inside", ["Weights"]],
	]);
	expect(labelled(el, "method").value).toBe("grad_cam");
});

it("names the paper of the method", async () => {
	const { el } = await renderFresh();
	expect(el.querySelector(".sw-paper")?.textContent).toBe("Selvaraju et al. 2017, eq. 1-2");
});

describe("options of other kinds", () => {
	const OPTIONS: MethodOption[] = [
		{ name: "grid", label: "token grid", kind: "size", default: null },
		{ name: "baseline", label: "baseline", kind: "image", default: "black", choices: BASELINES },
	];
	const traits = (options: Options): Partial<Traits> => ({
		methods: [{ ...(METHODS[0] as Method), options: OPTIONS }],
		method: "saliency",
		options,
	});

	it("take a grid as text, and say what is wrong with it", async () => {
		const { fake, el } = await renderFresh(traits({}));
		expect(labelled(el, "grid").value).toBe("off");
		choose(labelled(el, "grid"), "14x7");
		await frames();
		expect(labelled(el, "grid").value).toBe("14 × 7");
		choose(labelled(el, "grid"), "large");
		await frames();
		expect(el.textContent).toContain("Write rows × columns (14 × 14), or off.");
		choose(labelled(el, "grid"), "off");
		expect(fake.saved).toEqual([{ options: { grid: [14, 7] } }, { options: {} }]);
	});

	it("show an array that Python gave, and let go of it", async () => {
		const { fake, el } = await renderFresh(traits({ baseline: "given" }));
		const select = labelled<HTMLSelectElement>(el, "baseline");
		expect([...select.options].map(({ text }) => text)).toEqual(["black", "blurred", "given (from Python)"]);
		expect(select.value).toBe("given");
		choose(select, "blurred");
		await frames();
		expect(fake.saved).toEqual([{ options: { baseline: "blurred" } }]);
		expect([...select.options].map(({ text }) => text)).toEqual(["black", "blurred"]);
	});
});
