// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { pixel } from "../../canvas";
import { frames, press, type Rendered, renderFresh, tested, useViews } from "../../view";
import { gridMessage, tellDream, tellFrame } from "./messages";

useViews();

const canvases = (el: HTMLElement) => [...tested(el, "dream-stage").querySelectorAll("canvas")];
const sent = ({ fake }: Rendered) => fake.sent.splice(0).map(({ content }) => content);
const COUNT = 300;

async function renderGrid(): Promise<Rendered> {
	const rendered = await renderFresh({ tab: "dream", layer_idx: 1, filter_indices: 3 });
	tested(rendered.el, "dream-filters").click();
	expect(sent(rendered)).toEqual([{ kind: "dream_filters", settings: {} }]);
	rendered.fake.tell(gridMessage(COUNT));
	tellFrame(rendered.fake, { step: 8, count: 16 });
	await frames();
	return rendered;
}

it("has a tile for each filter, and paints only those of the frame", async () => {
	const { fake, el } = await renderGrid();
	expect(canvases(el)).toHaveLength(COUNT);
	const put = vi.spyOn(HTMLCanvasElement.prototype, "getContext");
	put.mockClear();
	tellFrame(fake, { step: 2, count: 16, offset: 16 });
	await frames();
	expect(new Set(put.mock.contexts)).toEqual(new Set(canvases(el).slice(16, 32)));
	expect(pixel(tested(el, "dream-tile-3").querySelector("canvas") as Element, 0)[0]).toBe(8);
	expect(pixel(tested(el, "dream-tile-16").querySelector("canvas") as Element, 0)[0]).toBe(2);
	expect(pixel(tested(el, "dream-tile-32").querySelector("canvas") as Element, 0)).toEqual([]);
	expect(tested(el, "dream-step").textContent).toBe("17–32 of 300 · 2 / 8");
});

it("does not render its tiles again with each frame", async () => {
	const { fake, el } = await renderGrid();
	const changes: MutationRecord[] = [];
	const observer = new MutationObserver((records) => changes.push(...records));
	observer.observe(tested(el, "dream-grid"), { subtree: true, childList: true, characterData: true });
	tellFrame(fake, { step: 2, count: 16, offset: 16 });
	await frames();
	expect(changes).toEqual([]);
	observer.disconnect();
});

it("is walked by the arrow keys, with one stop for Tab", async () => {
	const { el } = await renderGrid();
	const grid = tested(el, "dream-grid");
	const stops = () => [...grid.children].filter((tile) => (tile as HTMLElement).tabIndex === 0);
	tested(el, "dream-tile-0").focus();
	press(tested(el, "dream-tile-0"), "ArrowRight");
	press(tested(el, "dream-tile-1"), "ArrowRight");
	await frames();
	expect([document.activeElement, stops()]).toEqual([tested(el, "dream-tile-2"), [tested(el, "dream-tile-2")]]);
	press(tested(el, "dream-tile-2"), "End");
	expect(document.activeElement).toBe(tested(el, `dream-tile-${COUNT - 1}`));
	press(tested(el, `dream-tile-${COUNT - 1}`), "ArrowRight");
	expect(document.activeElement).toBe(tested(el, `dream-tile-${COUNT - 1}`));
});

it("is painted anew when the tab comes back", async () => {
	const { el } = await renderGrid();
	tested(el, "tab-explain").click();
	await frames();
	tested(el, "tab-dream").click();
	await frames();
	expect(pixel(tested(el, "dream-tile-3").querySelector("canvas") as Element, 0)[0]).toBe(8);
});

it("gives the stage to the next dream", async () => {
	const { fake, el } = await renderGrid();
	tellDream(fake, { id: 8 });
	tellFrame(fake, { id: 8, step: 1 });
	await frames();
	expect([tested(el, "dream-grid"), canvases(el).length, tested(el, "dream-stage").dataset.id]).toEqual([null, 1, "8"]);
	expect(pixel(canvases(el)[0] as Element, 0)[0]).toBe(1);
});
