// @vitest-environment jsdom
import { expect, it } from "vitest";
import { sendMap } from "../kernel-messages";
import { tellDream, tellFrame } from "../tabs/dream/messages";
import { frames, press, renderFresh, renderSilent, tested, useViews } from "../view";

useViews();

const selected = (el: HTMLElement) =>
	[...el.querySelectorAll<HTMLElement>("[role=tab][aria-selected=true]")].map(({ textContent }) => textContent);

it("swap the stage and the inspector, and leave the header", async () => {
	const { fake, el } = await renderFresh();
	const header = () => [".sw-model", ".sw-chips"].map((part) => el.querySelector(`.sw-header ${part}`)?.innerHTML);
	const before = header();
	expect(before).toEqual([expect.stringContaining("layers"), expect.stringContaining("chip")]);
	tested(el, "tab-dream").click();
	await frames();
	expect([tested(el, "stage"), selected(el)]).toEqual([null, ["Dream"]]);
	expect(tested(el, "dream-stage").dataset).toMatchObject({ id: "", step: "", state: "" });
	expect(header()).toEqual(before);
	expect(fake.saved).toEqual([{ tab: "dream" }]);
	tested(el, "tab-explain").click();
	await frames();
	expect(tested(el, "stage").dataset).toMatchObject({ query: "q1", state: "fresh" });
	expect(fake.saved).toEqual([{ tab: "dream" }, { tab: "explain" }]);
	expect(fake.sent).toEqual([]);
});

it("show the first where the name is none of theirs", async () => {
	const { el } = await renderFresh({ tab: "atlas" });
	expect([selected(el), tested(el, "stage").dataset.state]).toEqual([["Explain"], "fresh"]);
	press(el.querySelector("[role=tablist]") as HTMLElement, "ArrowRight");
	await frames();
	expect(selected(el)).toEqual(["Test"]);
});

it("say in the header how it stands with what they show", async () => {
	const { fake, el } = await renderFresh();
	const status = () => [
		el.querySelector<HTMLElement>(".sw-status")?.dataset.state,
		el.querySelector(".sw-status-words")?.textContent,
	];
	expect(status()).toEqual(["fresh", "38 ms"]);
	tested(el, "tab-dream").click();
	await frames();
	expect(status()).toEqual(["", "ready"]);
	tellDream(fake);
	await frames();
	expect(status()).toEqual(["computing", "running"]);
	tellFrame(fake);
	tellDream(fake, { state: "failed", text: "No." });
	await frames();
	expect(status()).toEqual(["error", "failed"]);
});

it("let a dream be of any layer, also of one that the method can't use", async () => {
	const { el } = await renderFresh({ layer_idx: 4 });
	const dimmed = () => el.querySelectorAll('.sw-layer[data-unusable="true"]').length;
	expect(dimmed()).toBeGreaterThan(0);
	tested(el, "tab-dream").click();
	await frames();
	expect(dimmed()).toBe(0);
});

it("go by the arrow keys, and one of them takes the focus", async () => {
	const { el } = await renderFresh();
	const [explain, test, dream] = ["explain", "test", "dream"].map((name) => tested(el, `tab-${name}`));
	if (!explain || !test || !dream) throw new Error("no tabs");
	expect([explain.tabIndex, test.tabIndex, dream.tabIndex]).toEqual([0, -1, -1]);
	explain.focus();
	expect(press(explain, "ArrowRight").defaultPrevented).toBe(true);
	await frames();
	expect([document.activeElement, test.tabIndex, selected(el)]).toEqual([test, 0, ["Test"]]);
	press(test, "ArrowRight");
	await frames();
	expect([document.activeElement, dream.tabIndex, selected(el)]).toEqual([dream, 0, ["Dream"]]);
	press(dream, "ArrowRight");
	press(dream, "Home");
	await frames();
	expect([document.activeElement, selected(el)]).toEqual([explain, ["Explain"]]);
	press(explain, "End");
	await frames();
	expect(selected(el)).toEqual(["Dream"]);
});

it("name the panel that they control", async () => {
	const { el } = await renderFresh();
	const panel = el.querySelector("[role=tabpanel]") as HTMLElement;
	expect(tested(el, "tab-dream").getAttribute("aria-controls")).toBe(panel.id);
	expect(panel.contains(tested(el, "stage"))).toBe(true);
});

it("follow Python, and a saved state that is nonsense is Explain", async () => {
	const { fake, el } = renderSilent({ tab: "compare" as never });
	sendMap(fake);
	await frames();
	expect(selected(el)).toEqual(["Explain"]);
	fake.python({ tab: "dream" });
	await frames();
	expect(selected(el)).toEqual(["Dream"]);
});

it("work without a kernel", async () => {
	const { fake, el } = await renderFresh();
	fake.commLiveUpdate();
	await frames();
	tested(el, "tab-dream").click();
	await frames();
	expect((tested(el, "dream-start") as HTMLButtonElement).disabled).toBe(true);
});
