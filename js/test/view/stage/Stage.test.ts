// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { colormap } from "../../../src/stage/colormaps";
import { REST_MS } from "../../../src/state/appearance";
import { overlayPaints, pixel } from "../../canvas";
import { askedBy, mapMessage, sendMap, sendPicture } from "../../kernel-messages";
import {
	choose,
	drag,
	frames,
	imageFile,
	labelled,
	release,
	renderFresh,
	renderSilent,
	tested,
	useViews,
} from "../../view";

useViews();

const inferno = (at: number) => [...colormap("inferno").rgb.subarray(3 * at, 3 * at + 3)];

it("paints the map in its own size and says which it is", async () => {
	const { el } = await renderFresh({ opacity: 1, threshold: 0.3 });
	const overlay = tested(el, "overlay") as HTMLCanvasElement;
	expect([overlay.width, overlay.height]).toEqual([3, 2]);
	expect(pixel(overlay, 5)).toEqual([...inferno(255), 255]);
	expect(pixel(overlay, 1)?.[3]).toBe(0);
	expect(tested(el, "stage").dataset).toMatchObject({ query: "q1", state: "fresh" });
});

it("paints a new map as it comes, and is fresh with its pixels", async () => {
	const { fake, el } = renderSilent();
	await frames();
	expect(tested(el, "stage").dataset.state).toBe("computing");
	const before = overlayPaints();
	sendMap(fake);
	expect(pixel(tested(el, "overlay"), 5)).toEqual([...inferno(255), Math.round(0.7 * 255)]);
	expect(tested(el, "stage").dataset).toMatchObject({ query: "q1", state: "fresh" });
	await frames();
	expect(overlayPaints()).toBe(before + 1);
});

it("acknowledges a moved control at once, and keeps the old map", async () => {
	const { fake, el } = await renderFresh();
	drag(labelled(el, "filter_indices"), 7);
	expect(tested(el, "stage").dataset).toMatchObject({ query: "q1", state: "computing" });
	sendMap(fake, { seq: 2, query: "q2" });
	await frames();
	expect(tested(el, "stage").dataset).toMatchObject({ query: "q2", state: "fresh" });
});

it("paints at most once a frame", async () => {
	const { el } = await renderFresh();
	const before = overlayPaints();
	drag(labelled(el, "opacity"), ...Array.from({ length: 50 }, (_, i) => i / 50));
	expect(overlayPaints()).toBe(before);
	await frames();
	expect(overlayPaints()).toBe(before + 1);
});

it("recolours without a message until the hand has come to rest", async () => {
	const { fake, el } = await renderFresh();
	const overlay = tested(el, "overlay");
	drag(labelled(el, "opacity"), 0.9, 0.5);
	drag(labelled(el, "threshold"), 0.5, 0.9);
	await frames();
	expect([pixel(overlay, 5)[3], pixel(overlay, 4)[3]]).toEqual([128, 0]);
	expect([fake.saved, fake.sent]).toEqual([[], []]);
	release(labelled(el, "opacity"));
	release(labelled(el, "threshold"));
	choose(labelled(el, "colormap"), "gray");
	await frames();
	expect(pixel(overlay, 5)).toEqual([255, 255, 255, 128]);
	expect(fake.saved).toEqual([]);
	await new Promise((resolve) => setTimeout(resolve, 2 * REST_MS));
	expect(fake.saved).toEqual([{ opacity: 0.5, threshold: 0.9, colormap: "gray" }]);
});

it("asks with each move of a question's slider", async () => {
	const { fake, el } = await renderFresh();
	drag(labelled(el, "layer_idx"), 100, 101, 102);
	expect(fake.saved).toEqual([{ layer_idx: 100 }, { layer_idx: 101 }, { layer_idx: 102 }]);
});

it("says that a map is zero instead of painting noise", async () => {
	const { fake, el } = await renderFresh();
	sendMap(fake, { seq: 2 }, Float32Array.of(0, 0, 1e-32, 0, 0, 0));
	await frames();
	expect(tested(el, "stage").textContent).toContain("the map is zero");
	expect([0, 2, 5].map((at) => pixel(tested(el, "overlay"), at)[3])).toEqual([0, 0, 0]);
});

it("paints a picture map as it is, alone when it is no map of the image", async () => {
	const { fake, el } = await renderFresh({ method: "weights" });
	const rgb = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);
	const message = mapMessage(fake, { seq: 2, method: "weights", picture: true });
	fake.tell(message, new Float32Array(6), rgb);
	await frames();
	expect(pixel(tested(el, "overlay"), 1)).toEqual([30, 40, 50, 255]);
	expect(tested(el, "stage").dataset.alone).toBe("true");
	expect(tested(el, "stage").textContent).not.toContain("zero");
});

it("shows the image alone when asked, or when the map is of another image", async () => {
	const { fake, el } = await renderFresh();
	const stage = tested(el, "stage");
	[...el.querySelectorAll("button")].find((button) => button.textContent === "image")?.click();
	await frames();
	expect(stage.dataset.shown).toBe("image");
	[...el.querySelectorAll("button")].find((button) => button.textContent === "overlay")?.click();
	sendPicture(fake, 1);
	await frames();
	expect(stage.dataset.shown).toBe("image");
});

it("reads pixels of the image and raw values of the map", async () => {
	const { el } = await renderFresh();
	const picture = tested(el, "overlay").parentElement as HTMLElement;
	vi.spyOn(picture, "getBoundingClientRect").mockReturnValue(new DOMRect(100, 50, 300, 200));
	picture.dispatchEvent(new MouseEvent("pointermove", { clientX: 350, clientY: 200, bubbles: true }));
	await frames();
	expect(el.querySelector(".sw-readout")?.textContent).toBe("x 2 · y 1 · 5.00 logit");
	picture.dispatchEvent(new MouseEvent("pointerleave"));
	await frames();
	expect(el.querySelector(".sw-readout")).toBeNull();
});

it("shows an error over the stage until it is dismissed, with the last map dimmed", async () => {
	const { fake, el } = await renderFresh();
	drag(labelled(el, "filter_indices"), 7);
	const asked = askedBy(fake);
	fake.tell({ kind: "error", pane: "explain", seq: 2, asked, about: "question", text: "There is no gradient here." });
	await frames();
	const stage = tested(el, "stage");
	expect(stage.dataset).toMatchObject({ state: "error", query: "q1", late: "true" });
	const strip = stage.querySelector("[role=alert]") as HTMLElement;
	expect(strip.textContent).toBe("There is no gradient here.");
	labelled(strip, "dismiss").click();
	await frames();
	expect(stage.querySelector("[role=alert]")).toBeNull();
	expect(stage.dataset.state).toBe("error");
});

it("takes a dropped image, and says at once when it is too large", async () => {
	const { fake, el } = await renderFresh();
	const drop = (file: File) => {
		const event = new Event("drop", { bubbles: true, cancelable: true });
		Object.assign(event, { dataTransfer: { files: [file] } });
		tested(el, "stage").dispatchEvent(event);
		return event;
	};
	expect(drop(imageFile("a.png", "abc")).defaultPrevented).toBe(true);
	await frames();
	expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "upload", name: "a.png" }]);
	fake.python({ limits: { upload_bytes: 2 } });
	drop(imageFile("b.png", "abc"));
	await frames();
	expect(fake.sent).toHaveLength(1);
	expect(el.querySelector("[role=alert]")?.textContent).toContain("b.png has");
});
