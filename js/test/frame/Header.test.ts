// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { sendMap } from "../kernel-messages";
import { drag, frames, labelled, press, renderFresh, useViews } from "../view";

useViews();

const stop = (el: HTMLElement) => el.querySelector(".sw-stop") as HTMLButtonElement;
const item = (el: HTMLElement, text: string) =>
	[...el.querySelectorAll<HTMLButtonElement>("[role=menuitem]")].find((button) => button.textContent === text);

it("says what the network is, and how long the answer took", async () => {
	const { el } = await renderFresh();
	expect(el.querySelector(".sw-model")?.textContent).toBe("MobileNetV2156 layers · 3.5 M");
	expect(el.querySelector(".sw-status-words")?.textContent).toBe("38 ms");
});

it("offers Stop only while something runs", async () => {
	const { fake, el } = await renderFresh();
	expect([stop(el).disabled, stop(el).dataset.shown]).toEqual([true, "false"]);
	sendMap(fake, { seq: 2, final: false });
	await frames();
	expect([stop(el).disabled, stop(el).dataset.shown]).toEqual([false, "true"]);
	stop(el).click();
	expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "stop", pane: "explain" }]);
	fake.tell({ kind: "stopped", pane: "explain", seq: 2, text: "" });
	await frames();
	expect([stop(el).textContent, stop(el).dataset.shown]).toEqual(["Ask again", "true"]);
	stop(el).click();
	expect(fake.sent.at(-1)?.content).toEqual({ kind: "again", pane: "explain" });
});

it("says that a map is of other weights, and offers to ask again", async () => {
	const { fake, el } = await renderFresh();
	fake.tell({ kind: "stopped", pane: "explain", seq: 1, text: "The weights have changed." });
	await frames();
	expect(el.querySelector(".sw-status")?.getAttribute("data-state")).toBe("stale");
	expect(el.querySelector(".sw-label")?.textContent).toBe("The weights have changed.");
	stop(el).click();
	expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "again", pane: "explain" }]);
	sendMap(fake, { seq: 2 });
	await frames();
	expect([el.querySelector(".sw-label"), stop(el).dataset.shown]).toEqual([null, "false"]);
});

const COPIED = {
	explain: "salwidget.explain(w.model, w.images[0])",
	test: "",
	widget: "salwidget.SaliencyWidget(w.model)",
};

it.each([
	["Copy as Python", COPIED.explain],
	["Copy this widget", COPIED.widget],
])("%s copies its call", async (row, call) => {
	const writeText = vi.fn().mockResolvedValue(undefined);
	vi.stubGlobal("navigator", { clipboard: { writeText } });
	const { fake, el } = await renderFresh();
	fake.python({ python: COPIED });
	labelled(el, "menu").click();
	await frames();
	item(el, row)?.click();
	await frames();
	expect(writeText).toHaveBeenCalledWith(call);
	expect(el.querySelector(".sw-strip")?.textContent).toBe("Copied.");
	vi.unstubAllGlobals();
});

it("shows the call where it can't copy", async () => {
	const { fake, el } = await renderFresh();
	fake.python({ python: COPIED });
	labelled(el, "menu").click();
	await frames();
	item(el, "Copy as Python")?.click();
	await frames();
	expect(el.querySelector(".sw-strip")?.textContent).toContain("salwidget.explain(w.model, w.images[0])");
});

it("folds the charts away", async () => {
	const { fake, el } = await renderFresh();
	labelled(el, "menu").click();
	await frames();
	item(el, "Hide charts")?.click();
	expect(fake.saved).toEqual([{ charts: false }]);
	labelled(el, "menu").click();
	await frames();
	expect(item(el, "Show charts")).toBeDefined();
});

it("closes the menu with Escape and by a press outside", async () => {
	const { fake, el } = await renderFresh();
	fake.python({ python: COPIED });
	labelled(el, "menu").click();
	await frames();
	press(document.activeElement as HTMLElement, "ArrowDown");
	expect(document.activeElement?.textContent).toBe("Copy as Python");
	press(document.activeElement as HTMLElement, "ArrowUp");
	expect(document.activeElement?.textContent).toBe("Keys");
	press(document.activeElement as HTMLElement, "Escape");
	await frames();
	expect(el.querySelector("[role=menu]")).toBeNull();
	labelled(el, "menu").click();
	await frames();
	document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
	await frames();
	expect(el.querySelector("[role=menu]")).toBeNull();
});

it("tells a screen reader of the answer, not of each move", async () => {
	const { fake, el } = await renderFresh();
	const live = el.querySelector("[aria-live=polite][role=status]");
	expect(live?.textContent).toBe("Grad-CAM of water ouzel, 38 ms");
	drag(labelled(el, "filter_indices"), 91);
	await frames();
	expect(live?.textContent).toBe("");
	sendMap(fake, { seq: 2, target: "coucal", ms: 12 });
	await frames();
	expect(live?.textContent).toBe("Grad-CAM of coucal, 12 ms");
});

it("says how far a map is that gets better, in a place of its own", async () => {
	const { fake, el } = await renderFresh();
	const percent = el.querySelector(".sw-percent");
	expect([percent?.textContent, el.querySelector("[role=progressbar]")]).toEqual(["", null]);
	sendMap(fake, { seq: 2, final: false, progress: 0.6 });
	await frames();
	expect(percent?.textContent).toBe("60%");
	expect(labelled<HTMLElement>(el, "progress").getAttribute("aria-valuenow")).toBe("60");
	expect(labelled<HTMLElement>(el, "progress").querySelector("span")?.style.transform).toBe("scaleX(0.6)");
	el.classList.add("jupyter-widgets-disconnected");
	await frames();
	expect(percent?.textContent).toBe("");
	el.classList.remove("jupyter-widgets-disconnected");
	await frames();
	sendMap(fake, { seq: 2 });
	await frames();
	expect([percent?.textContent, el.querySelector("[role=progressbar]")]).toEqual(["", null]);
});

it("says at what a stopped map stands", async () => {
	const { fake, el } = await renderFresh();
	sendMap(fake, { seq: 2, final: false, progress: 0.6 });
	await frames();
	stop(el).click();
	fake.tell({ kind: "stopped", pane: "explain", seq: 2, text: "" });
	await frames();
	expect(el.querySelector(".sw-label")?.textContent).toBe("stopped at 60%");
	expect(el.querySelector("[role=progressbar]")).toBeNull();
});
