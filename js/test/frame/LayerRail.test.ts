// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { Layer } from "../../src/kernel/traits";
import { mobileNetwork } from "../network";
import { frames, labelled, press, renderFresh, renderSilent, resize, useViews } from "../view";

useViews();

function deepNetwork() {
	const layers: Layer[] = Array.from({ length: 429 }, (_, index) => ({
		...{ index, name: `layer_${index}`, kind: "Conv2D", shape: [8, 8, 4], filters: 4, cells: [8, 8] },
	}));
	return { ...mobileNetwork(), layers, outputs: [{ layer: 428, activation: "softmax" as const }] };
}

it("has only the rows in sight, also after scrolling", async () => {
	const { el } = renderSilent({ network: deepNetwork(), layer_idx: 0, methods: [] });
	await frames();
	const list = labelled<HTMLElement>(el, "layers");
	const names = () => [...list.querySelectorAll(".sw-layer-name")].map((node) => node.textContent);
	expect(names().length).toBeLessThan(30);
	expect(names()).toContain("layer_0");
	list.scrollTop = 46 * 400;
	list.dispatchEvent(new Event("scroll"));
	await frames();
	expect(names()).toContain("layer_410");
	expect(names()).not.toContain("layer_0");
	expect(list.querySelector<HTMLElement>(".sw-rail-all")?.style.height).toBe(`${429 * 46}px`);
});

it("says which layer is chosen, and where it stands", async () => {
	const { fake, el } = await renderFresh();
	const list = labelled<HTMLElement>(el, "layers");
	fake.python({ layer_idx: 3 });
	await frames();
	const active = document.getElementById(list.getAttribute("aria-activedescendant") ?? "");
	expect(active?.textContent).toContain("Conv1_relu");
	expect(active?.getAttribute("aria-selected")).toBe("true");
	expect(active?.getAttribute("aria-posinset")).toBe("4");
	expect(list.querySelectorAll("[aria-selected=true]")).toHaveLength(1);
});

it("moves with the arrow keys, over the layers that the method can't use", async () => {
	const { fake, el } = await renderFresh({ layer_idx: 5 });
	const list = labelled<HTMLElement>(el, "layers");
	expect(press(list, "ArrowUp").defaultPrevented).toBe(true);
	press(list, "ArrowUp");
	press(list, "ArrowDown");
	press(list, "End");
	expect(fake.saved).toEqual([{ layer_idx: 4 }, { layer_idx: 5 }, { layer_idx: 155 }]);
});

it("says why the method can't use a layer", async () => {
	const { fake, el } = await renderFresh();
	fake.python({ layer_idx: 4 });
	await frames();
	const row = [...el.querySelectorAll<HTMLElement>(".sw-layer")].find((node) =>
		node.textContent?.includes("Conv1_relu"),
	);
	expect(row?.dataset.unusable).toBe("true");
	expect(row?.getAttribute("aria-description")).toBe("no feature map before it");
	expect(row?.title).toContain("no feature map before it");
});

it("chooses the layer that is clicked", async () => {
	const { fake, el } = await renderFresh();
	[...el.querySelectorAll<HTMLElement>(".sw-layer")].find((row) => row.textContent?.includes("out_relu"))?.click();
	expect(fake.saved).toEqual([{ layer_idx: 153 }]);
});

it("scrolls to the chosen layer once the view has a size", async () => {
	resize(0);
	const { el } = renderSilent();
	await frames();
	const list = labelled<HTMLElement>(el, "layers");
	expect(list.scrollTop).toBe(0);
	resize(900);
	await frames();
	expect(list.scrollTop).toBe(156 * 46 - 500);
});

it("shows the thumbnails that came", async () => {
	const { fake, el } = await renderFresh();
	fake.tell({ kind: "thumbnails", image_idx: 0, size: 2, indices: [153] }, new Uint8Array(4));
	await frames();
	const canvases = el.querySelectorAll(".sw-rail canvas");
	expect(canvases).toHaveLength(1);
	expect(canvases[0]?.closest(".sw-layer")?.textContent).toContain("out_relu");
});
