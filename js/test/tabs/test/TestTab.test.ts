// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { WireRegion } from "../../../src/kernel/traits";
import { LATE_MS } from "../../../src/stage/pane";
import { pixel } from "../../canvas";
import { FakeModel } from "../../fake-model";
import { askedBy, sendMap } from "../../kernel-messages";
import { mobileTraits } from "../../network";
import { opened } from "../../opened";
import { drag, frames, labelled, press, type Rendered, renderFresh, tested, useViews } from "../../view";
import { OTHER_TOKEN, REGION, REPLACEMENTS, tellDraft, tellIntervention, tellPreviews } from "./messages";

useViews();

/** The tab with a region and both maps. */
async function renderTest(changes: Parameters<typeof renderFresh>[0] = {}): Promise<Rendered> {
	const rendered = await renderFresh({ tab: "test", replacements: REPLACEMENTS, region: REGION, ...changes });
	sendMap(rendered.fake, { pane: "test", query: "edited" });
	await frames();
	return rendered;
}

const sent = ({ fake }: Rendered) => fake.sent.splice(0).map(({ content }) => content);
const saved = ({ fake }: Rendered) => fake.saved.splice(0);
const words = (el: HTMLElement, id: string) => tested(el, id).textContent ?? "";
const base = (el: HTMLElement) => tested(el, "edited").querySelector(".sw-base") as HTMLCanvasElement;
const overlay = (el: HTMLElement) => tested(el, "edited").querySelector(".sw-overlay") as HTMLCanvasElement;
const named = (el: HTMLElement, text: string) =>
	[...el.querySelectorAll("button")].find(({ textContent }) => textContent === text) as HTMLButtonElement;
const late = () => new Promise((resolve) => setTimeout(resolve, LATE_MS + 20));
const state = (el: HTMLElement) => el.querySelector<HTMLElement>(".sw-status")?.dataset.state;

describe("without a region", () => {
	it("says calmly what to do, and shows image and map", async () => {
		const { el } = await renderTest({ region: null });
		expect(words(el, "verdict")).toBe("Paint what you want to cover, or press Strongest 10%.");
		expect(words(el, "edited")).toContain("nothing covered yet");
		expect(pixel(base(el), 1)).toEqual([3, 4, 5, 255]);
		expect([tested(el, "stage").dataset.state, state(el)]).toEqual(["fresh", "fresh"]);
		expect((tested(el, "swap") as HTMLButtonElement).disabled).toBe(true);
		expect(tested(el, "swap").title).toBe("Mark the object first: then all behind it can be swapped.");
		expect(el.querySelector(".sw-rail")).toBeNull();
	});

	it("of a signal says why there is none", async () => {
		const { fake, el } = await renderTest({ region: null });
		fake.tell({ kind: "signal", image_idx: 0, input_idx: 0, name: "beat", shape: [8, 1] }, new Float32Array(8));
		await frames();
		expect(words(el, "verdict")).toContain("this input is a signal");
	});
});

describe("the edit", () => {
	it("is drawn by the page at once, and by the kernel as its image comes", async () => {
		const { fake, el } = await renderTest();
		tellDraft(fake);
		await frames(1);
		const colours = () => [0, 1, 2].map((at) => pixel(base(el), at)[0]);
		expect(colours()).toEqual([77, 77, 6]);
		expect(tested(el, "edited").dataset.exact).toBe("false");
		tellIntervention(fake);
		await frames(1);
		expect(colours()).toEqual([200, 200, 200]);
		expect(tested(el, "edited").dataset.exact).toBe("true");
		// Another replacement is another edit: the page draws again.
		fake.python({ replace: "colour" });
		await frames(1);
		expect(colours()).toEqual([128, 128, 6]);
		fake.python({ keep: true });
		await frames(1);
		expect(colours()).toEqual([0, 3, 128]);
	});

	it("waits for nobody while a stale image comes", async () => {
		const { fake, el } = await renderTest();
		tellDraft(fake);
		tellIntervention(fake, { region: OTHER_TOKEN });
		tellIntervention(fake, { replace: "mean" });
		await frames();
		expect(pixel(base(el), 0)[0]).toBe(77);
	});

	it("shows the original while Space is held", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake);
		await frames();
		press(tested(el, "stage"), " ");
		await frames();
		expect(pixel(base(el), 0)[0]).toBe(0);
	});

	it("says what the image is called now", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake);
		await frames();
		expect(words(el, "edited")).toContain("top class now spider web 7.5%");
	});
});

describe("the maps", () => {
	it("flip in one place, on one scale", async () => {
		const { fake, el } = await renderTest();
		const stage = tested(el, "edited");
		expect([stage.dataset.view, stage.dataset.shown]).toEqual(["covered", "image"]);
		sendMap(fake, { pane: "test", query: "edited", seq: 2 }, Float32Array.of(10, 0, 0, 0, 0, 0));
		press(tested(el, "stage"), "f");
		await frames();
		expect([stage.dataset.view, stage.dataset.shown]).toEqual(["its map", "overlay"]);
		expect(words(el, "edited")).toContain("both maps: 0 to 10");
		const strongest = pixel(overlay(el), 0);
		press(tested(el, "stage"), "f");
		await frames();
		expect(stage.dataset.view).toBe("old map");
		// Its own strongest, 5, is half way up the scale, and is not painted like 10.
		expect(pixel(overlay(el), 5)).not.toEqual(strongest);
		expect(pixel(base(el), 0)[0]).toBe(0);
		named(el, "covered").click();
		await frames();
		expect([stage.dataset.view, stage.dataset.shown]).toEqual(["covered", "image"]);
	});
});

describe("the numbers", () => {
	it("stand beside their control", async () => {
		const { fake, el } = await renderTest();
		expect(words(el, "verdict")).toBe("Covered. The first numbers are on their way.");
		tellIntervention(fake);
		await frames();
		expect(words(el, "verdict")).toContain("The model uses it.");
		expect(tested(el, "verdict").querySelector("b")?.textContent).toBe("water ouzel");
		expect(words(el, "target-line")).toBe("water ouzel 11.3 → 4 logit (−7.25)log-odds 2.1 → −5.8 (−7.9)");
		const rows = [...tested(el, "scores").querySelectorAll("tbody tr")].map((one) =>
			[...one.children].map(({ textContent }) => textContent),
		);
		expect(rows).toHaveLength(4);
		expect(rows[0]).toEqual(["water ouzel", "11.3 to 4", "−7.25", "89.2 → 0.3%", "1 → 59"]);
		expect(rows[2]?.[0]).toBe("<b>junco</b>");
		expect(rows[3]).toEqual(["spider web", "−0.5 to 4.5", "+5.00", "<0.1 → 7.5%", "273 → 1"]);
		expect(words(el, "control")).toContain("0 of 3 move it as much: by chance in 1 of 4 cases (p = 0.25).");
		expect(words(el, "agreement")).toContain("all 3 agree");
		expect(state(el)).toBe("fresh");
	});

	it("name the score once", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake, { target: "the logit of water ouzel" });
		await frames();
		expect(words(el, "target-line")).toContain("the logit of water ouzel 11.3 → 4 (−7.25)");
	});

	it("come before their controls, which are counted", async () => {
		const { fake, el } = await renderTest();
		const early = { p: null, wanted: 64, progress: 0.125, final: false };
		tellIntervention(fake, { ...early, controls: new Float32Array() });
		await frames();
		expect(words(el, "control")).toContain("0 of 64");
		expect(words(el, "control")).toContain("The same patch elsewhere is covered once the hand rests.");
		expect(tested(el, "verdict").getAttribute("aria-busy")).toBe("true");
		tellIntervention(fake, { ...early, p: 0.5, progress: 0.5, controls: new Float32Array(3) });
		await frames();
		expect(words(el, "control")).toContain("3 of 64");
		expect([state(el), el.querySelector(".sw-percent")?.textContent]).toEqual(["computing", "50%"]);
		tellIntervention(fake);
		await frames();
		expect(tested(el, "verdict").getAttribute("aria-busy")).toBe("false");
	});

	it("of a region too large say that no control is possible", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake, { p: null, controls: new Float32Array(), probability: null, log_odds: null });
		await frames();
		expect(words(el, "control")).toContain("No control is possible here.");
		expect(words(el, "target-line")).not.toContain("log-odds");
	});

	it("stay dimmed while newer ones are awaited, and never go back in time", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake);
		await frames();
		const dimmed = () => el.querySelector<HTMLElement>(".sw-found")?.dataset.late;
		expect(dimmed()).toBe("false");
		fake.python({ replace: "mean" });
		await frames(1);
		expect(words(el, "verdict")).toContain("The model uses it.");
		await late();
		await frames();
		expect([dimmed(), el.querySelector<HTMLElement>(".sw-stale")?.dataset.shown]).toEqual(["true", "true"]);
		tellIntervention(fake, { replace: "mean", sentence: "Now by mean." });
		tellIntervention(fake, { replace: "blur", sentence: "Late." });
		await frames();
		expect([words(el, "verdict"), dimmed()]).toEqual(["Now by mean.", "false"]);
	});

	it("are of another question once a control moves that decides them, not where only the method does", async () => {
		const { fake, el } = await renderTest();
		fake.tell({ kind: "computing", pane: "test", seq: 2, asked: askedBy(fake) });
		tellIntervention(fake);
		await frames();
		fake.python({ method: "saliency", backprop_modifier: "guided" });
		await late();
		expect(el.querySelector<HTMLElement>(".sw-found")?.dataset.late).toBe("false");
		drag(labelled(el, "filter_indices"), 7);
		await late();
		await frames();
		expect(el.querySelector<HTMLElement>(".sw-found")?.dataset.late).toBe("true");
		// What was under way as the control moved is no answer to the new question.
		tellIntervention(fake);
		await frames();
		expect(el.querySelector<HTMLElement>(".sw-found")?.dataset.late).toBe("true");
		fake.tell({ kind: "computing", pane: "test", seq: 3, asked: askedBy(fake) });
		tellIntervention(fake);
		await frames();
		expect(el.querySelector<HTMLElement>(".sw-found")?.dataset.late).toBe("false");
	});

	it("stay where an error comes, which says why in words", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake);
		fake.python({ replace: "mean" });
		fake.tell({ kind: "error", pane: null, seq: null, asked: null, about: "test", text: "The score is <b>NaN</b>." });
		await frames();
		expect(tested(el, "edited").querySelector("[role=alert]")?.textContent).toBe("The score is <b>NaN</b>.");
		expect(words(el, "verdict")).toContain("The model uses it.");
		expect(state(el)).toBe("error");
		fake.python({ replace: "blur" });
		await frames();
		expect(el.querySelector("[role=alert]")).toBeNull();
	});

	it("end with the pane's error about the question", async () => {
		const { fake, el } = await renderTest();
		const error = {
			kind: "error",
			pane: "test",
			seq: 5,
			asked: askedBy(fake),
			about: "question",
			text: "No <b>image</b>.",
		};
		fake.tell(error);
		await frames();
		expect(tested(el, "edited").querySelector("[role=alert]")?.textContent).toBe("No <b>image</b>.");
		expect(state(el)).toBe("error");
	});

	it("differ where the replacement decides", async () => {
		const { fake, el } = await renderTest();
		tellIntervention(fake, { agreement: { blur: -7.25, mean: 2 } });
		await frames();
		expect(words(el, "agreement")).toContain("they differ");
	});
});

describe("stop", () => {
	it("by Escape ends what runs, and it can be asked again", async () => {
		const rendered = await renderTest();
		const { fake, el } = rendered;
		tellIntervention(fake, { progress: 0.5, final: false });
		await frames();
		press(tested(el, "stage"), "Escape");
		await frames();
		expect(sent(rendered)).toEqual([{ kind: "stop", pane: "test" }]);
		expect(state(el)).toBe("stale");
		named(el, "Ask again").click();
		await frames();
		expect(sent(rendered)).toEqual([{ kind: "again", pane: "test" }]);
		expect(state(el)).toBe("computing");
		press(tested(el, "stage"), "Escape");
		expect(sent(rendered)).toEqual([{ kind: "stop", pane: "test" }]);
	});

	it("does nothing where nothing runs", async () => {
		const rendered = await renderTest();
		tellIntervention(rendered.fake);
		await frames();
		press(tested(rendered.el, "stage"), "Escape");
		expect(sent(rendered)).toEqual([]);
	});
});

describe("replacements", () => {
	const radios = (el: HTMLElement) => [...el.querySelectorAll<HTMLElement>("[role=radio]")];

	it("are pictures, one's own too, with their help", async () => {
		const { fake, el } = await renderTest();
		expect(radios(el).map(({ textContent }) => textContent)).toEqual(["blur", "mean", "colour", "neighbours", "sepia"]);
		expect(radios(el)[3]?.title).toContain("What neighbours is not. Random: the seed decides. Rong et al. 2022");
		expect(el.querySelectorAll(".sw-replacement canvas")).toHaveLength(0);
		tellPreviews(fake);
		await frames();
		const canvases = [...el.querySelectorAll(".sw-replacement canvas")];
		expect(canvases.map((canvas) => pixel(canvas, 0)[0])).toEqual([10, 20]);
	});

	it("are chosen by a press, or by the arrow keys, around the ends", async () => {
		const rendered = await renderTest();
		const { el } = rendered;
		radios(el)[1]?.click();
		await frames();
		expect([saved(rendered), radios(el).map(({ tabIndex }) => tabIndex)]).toEqual([
			[{ replace: "mean" }],
			[-1, 0, -1, -1, -1],
		]);
		radios(el)[1]?.focus();
		press(radios(el)[1] as HTMLElement, "ArrowLeft");
		press(radios(el)[0] as HTMLElement, "ArrowLeft");
		await frames();
		expect(saved(rendered)).toEqual([{ replace: "blur" }, { replace: "sepia" }]);
		expect([document.activeElement, radios(el)[4]?.getAttribute("aria-checked")]).toEqual([radios(el)[4], "true"]);
	});

	it("cover all else with keep only", async () => {
		const rendered = await renderTest();
		const turn = rendered.el.querySelector("[role=switch]") as HTMLElement;
		turn.click();
		await frames();
		expect([saved(rendered), turn.getAttribute("aria-checked")]).toEqual([[{ keep: true }], "true"]);
	});

	it("are out of reach without a kernel", async () => {
		const { fake, el } = await renderTest();
		fake.commLiveUpdate();
		await frames();
		expect(radios(el).every((radio) => (radio as HTMLButtonElement).disabled)).toBe(true);
		expect(state(el)).toBe("gone");
	});
});

describe("a map against itself", () => {
	it("is one press for each end, whose changes then stand beside each other", async () => {
		const rendered = await renderTest({ region: null });
		const { fake, el } = rendered;
		const covered = () => saved(rendered).map(({ region }) => (region as WireRegion).bits);
		expect(words(el, "ends")).toContain("Strongest 10%not tried");
		// Of 0 .. 5 the strongest 10% of 6 pixels is the last, the weakest the first.
		named(el, "Strongest 10%").click();
		tellIntervention(fake, { region: OTHER_TOKEN, change: -7.25 });
		await frames();
		expect(covered()).toEqual(["BA=="]);
		expect(words(el, "ends")).toContain("Strongest 10%−7.25Weakest 10%not tried");
		named(el, "Weakest 10%").click();
		tellIntervention(fake, { region: 0x3fba6cad, change: -0.5 });
		await frames();
		expect(covered()).toEqual(["gA=="]);
		expect(words(el, "ends")).toBe("The map against itselflogitStrongest 10%−7.25Weakest 10%−0.5");
		// Under another replacement they are other numbers.
		fake.python({ replace: "mean" });
		tellIntervention(fake, { region: 0x3fba6cad, replace: "mean", change: -0.25 });
		await frames();
		expect(words(el, "ends")).toContain("Strongest 10%not triedWeakest 10%−0.25");
	});
});

it("outlines the patch of a control on the stage while its dot is pointed at", () => {
	const fake = new FakeModel({ ...mobileTraits(), tab: "test" });
	const store = opened(fake.model);
	fake.tell({ kind: "patch", size: [2, 3], bits: "BA==" });
	expect([...(store.region.patch.value?.bits ?? [])]).toEqual([0, 0, 0, 0, 0, 1]);
	fake.tell({ kind: "patch", size: null, bits: null });
	expect(store.region.patch.value).toBeNull();
	store.dispose();
});

it("has its line of Python in the menu", async () => {
	const { fake, el } = await renderTest();
	fake.python({ python: { explain: "a", test: "salwidget.cover(w.model)", widget: "c" } });
	labelled(el, "menu").click();
	await frames();
	expect(el.querySelector<HTMLButtonElement>("[role=menuitem]")?.disabled).toBe(false);
});
