// @vitest-environment jsdom
import { expect, it } from "vitest";
import { mobileNetwork } from "../network";
import { choose, frames, labelled, press, renderFresh, renderSilent, tested, useViews } from "../view";

useViews();

const chips = (el: HTMLElement) => [...el.querySelectorAll<HTMLButtonElement>("[data-testid=chip]")];

it("shows the best five with their shares, the target marked", async () => {
	const { el } = await renderFresh();
	expect(chips(el).map((chip) => chip.textContent)).toEqual([
		"Awater ouzel50.0%",
		"coucal25.0%",
		"junco16.7%",
		"black grouse12.5%",
		"magpie10.0%",
	]);
	expect(chips(el).map((chip) => chip.getAttribute("aria-pressed"))).toEqual([
		"true",
		"false",
		"false",
		"false",
		"false",
	]);
});

it("marks the best class when none is chosen, and says so at filter_indices", async () => {
	const { el } = await renderFresh({ layer_idx: 155, filter_indices: null });
	expect(chips(el).map((chip) => chip.getAttribute("aria-pressed"))).toEqual(["true", ...Array(4).fill("false")]);
	expect(labelled<HTMLInputElement>(el, "filter_indices value").value).toBe("best");
	expect(labelled<HTMLInputElement>(el, "filter_indices").value).toBe("20");
	expect(el.textContent).toContain("best: water ouzel");
});

it("makes a class the target, from whatever layer", async () => {
	const { fake, el } = await renderFresh({ layer_idx: 30, filter_indices: 3 });
	expect(el.querySelector(".sw-target-mark")).toBeNull();
	chips(el)[1]?.click();
	expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91 }]);
	await frames();
	expect(chips(el)[1]?.textContent).toBe("Acoucal25.0%");
});

it("shows one chip with the value of a regression", async () => {
	const { fake, el } = renderSilent({
		labels: [],
		network: { ...mobileNetwork(), outputs: [{ layer: 155, activation: "none" }] },
	});
	fake.tell({ kind: "scores", image_idx: 0, layer: 155, activation: "none" }, Float32Array.of(-0.07312));
	await frames();
	expect(chips(el).map((chip) => chip.textContent)).toEqual(["output 0−0.0731"]);
	expect(el.querySelector('[aria-label="find a class"]')).toBeNull();
});

it("finds any class by its name, with the keyboard alone", async () => {
	const { fake, el } = await renderFresh();
	labelled(el, "find a class").click();
	await frames();
	const box = labelled(el, "class name or number");
	expect(document.activeElement).toBe(box);
	box.value = "class name 99";
	box.dispatchEvent(new Event("input", { bubbles: true }));
	await frames();
	const active = () => document.getElementById(box.getAttribute("aria-activedescendant") ?? "")?.textContent;
	expect(active()).toContain("class name 99");
	press(box, "ArrowDown");
	await frames();
	expect(active()).toContain("class name 990");
	press(box, "Enter");
	await frames();
	expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 990 }]);
	expect(el.querySelector("[role=combobox]")).toBeNull();
	expect(chips(el).at(-1)?.textContent).toBe("Aclass name 9900.0%");
});

it("closes the search with Escape, which stops nothing", async () => {
	const { fake, el } = await renderFresh();
	choose(labelled(el, "method"), "saliency");
	labelled(el, "find a class").click();
	await frames();
	press(labelled(el, "class name or number"), "Escape");
	await frames();
	expect(el.querySelector("[role=combobox]")).toBeNull();
	expect(fake.sent).toEqual([]);
	expect(tested(el, "stage").dataset.state).toBe("computing");
});

it("subtracts a class that is clicked with Shift, and keeps its chip", async () => {
	const { fake, el } = await renderFresh({ filter_indices: 990 });
	const shiftClick = (chip: HTMLElement | undefined) =>
		chip?.dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true }));
	shiftClick(chips(el)[1]);
	await frames();
	expect(fake.saved).toEqual([{ versus: 91 }]);
	expect(chips(el)[1]?.textContent).toBe("− Bcoucal25.0%");
	fake.python({ versus: 991 });
	await frames();
	expect(chips(el).map((chip) => chip.dataset.class)).toEqual(["20", "91", "13", "990", "991"]);
	shiftClick(chips(el)[4]);
	expect(fake.saved.at(-1)).toEqual({ versus: null });
});
