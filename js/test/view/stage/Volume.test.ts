// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { pixel } from "../../canvas";
import { mapMessage, sendVolume } from "../../kernel-messages";
import { smallTraits } from "../../network";
import { drag, frames, labelled, press, type Rendered, renderFresh, renderSilent, tested, useViews } from "../../view";

useViews();

const base = (el: HTMLElement) => el.querySelector(".sw-base") as HTMLCanvasElement;

/** A volume of 4 slices of 2 x 3, with a map whose values are the numbers of the slices, but for one that is 9. */
async function renderVolume(changes = {}): Promise<Rendered> {
	const traits = { ...smallTraits({ cells: [2, 2, 3] }), layer_idx: 1, opacity: 1, threshold: 0, ...changes };
	const rendered = renderSilent(traits);
	sendVolume(rendered.fake);
	sendVolumeMap(rendered, 1);
	await frames();
	rendered.fake.saved.length = 0;
	rendered.fake.sent.length = 0;
	return rendered;
}

/** What the kernel is asked; the slice that shows is told it too, at rest. */
const asked = ({ saved, sent }: Rendered["fake"]) => [...saved.filter((changes) => !("seen" in changes)), ...sent];

function sendVolumeMap({ fake }: Pick<Rendered, "fake">, seq: number): void {
	const values = Float32Array.from({ length: 24 }, (_, i) => (i === 20 ? 9 : Math.floor(i / 6)));
	fake.tell(mapMessage(fake, { seq, method: "saliency", shape: [4, 2, 3], top: 9, target: "t" }), values);
}

it("shows the slice where the map is strongest, of picture and map alike", async () => {
	const { el } = await renderVolume();
	const slider = labelled(el, "slice");
	expect([slider.value, slider.min, slider.max, slider.getAttribute("aria-valuetext")]).toEqual([
		"3",
		"0",
		"3",
		"4 of 4",
	]);
	expect([base(el).width, base(el).height]).toEqual([3, 2]);
	expect(pixel(base(el), 0)).toEqual([30, 30, 30, 255]);
	const overlay = tested(el, "overlay") as HTMLCanvasElement;
	expect([overlay.width, overlay.height]).toEqual([3, 2]);
	expect(pixel(overlay, 2)).not.toEqual(pixel(overlay, 1));
});

it("moves through the slices without a word to the kernel, and stays there when a map comes", async () => {
	const rendered = await renderVolume();
	const { fake, el } = rendered;
	drag(labelled(el, "slice"), 1);
	await frames();
	expect(el.querySelector(".sw-slice-words")?.textContent).toBe("2 of 4");
	expect(pixel(base(el), 0)).toEqual([10, 10, 10, 255]);
	sendVolumeMap(rendered, 2);
	await frames();
	expect(labelled(el, "slice").value).toBe("1");
	expect(tested(el, "stage").dataset.state).toBe("fresh");
	press(tested(el, "stage"), "PageUp");
	await frames();
	press(tested(el, "stage"), "PageDown");
	await frames();
	press(tested(el, "stage"), "PageDown");
	await frames();
	expect(labelled(el, "slice").value).toBe("0");
	expect(asked(fake)).toEqual([]);
});

it("keeps one scale for all slices", async () => {
	const { el } = await renderVolume();
	drag(labelled(el, "slice"), 0);
	await frames();
	expect([...el.querySelectorAll(".sw-end")].map(({ textContent }) => textContent)).toEqual(["0", "9"]);
	expect(tested(el, "stage").textContent).not.toContain("the map is zero");
});

it("reads the slice too, and explains a cell of it", async () => {
	const { fake, el } = await renderVolume();
	const picture = tested(el, "overlay").parentElement as HTMLElement;
	vi.spyOn(picture, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 300, 200));
	picture.dispatchEvent(new MouseEvent("pointermove", { clientX: 250, clientY: 50, bubbles: true }));
	await frames();
	expect(el.querySelector(".sw-readout")?.textContent).toBe("z 3 · x 2 · y 0 · 9.00 logit");
	press(tested(el, "stage"), "Enter", { altKey: true });
	await frames();
	expect(asked(fake)).toEqual([{ cell: [1, 0, 2] }]);
	expect(el.querySelector("[data-testid=cell]")).not.toBeNull();
	drag(labelled(el, "slice"), 1);
	await frames();
	expect(el.querySelector("[data-testid=cell]")).toBeNull();
});

it("says its size", async () => {
	const { el } = await renderVolume();
	expect(el.querySelector(".sw-footer-image")?.textContent).toBe("scan · 3×2×4");
});

it("is no matter for images", async () => {
	const { el } = await renderFresh();
	expect(el.querySelector('[aria-label="slice"]')).toBeNull();
	expect(press(tested(el, "stage"), "PageUp").defaultPrevented).toBe(false);
});
