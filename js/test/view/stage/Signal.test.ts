// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { colormap } from "../../../src/stage/colormaps";
import { drawing, pixel } from "../../canvas";
import { mapMessage, sendSignal } from "../../kernel-messages";
import { smallTraits } from "../../network";
import { frames, imageFile, press, type Rendered, renderSilent, resize, tested, useViews } from "../../view";

useViews();

const MAP = Float32Array.of(0, 1, -2, 3, -4, 0, 2, 4);
const base = (el: HTMLElement) => el.querySelector(".sw-base") as HTMLCanvasElement;
const readout = (el: HTMLElement) => el.querySelector(".sw-readout")?.textContent;

async function renderSignal(): Promise<Rendered> {
	const traits = { ...smallTraits({ cells: [4] }), layer_idx: 1, opacity: 1, threshold: 0.3 };
	const rendered = renderSilent(traits);
	sendSignal(rendered.fake);
	rendered.fake.tell(
		mapMessage(rendered.fake, { method: "saliency", shape: [8], signed: true, top: 4, target: "1 of conv" }),
		MAP,
	);
	await frames();
	rendered.fake.saved.length = 0;
	rendered.fake.sent.length = 0;
	return rendered;
}

it("draws a line for each channel over the map's colours, a column for each position", async () => {
	const { el } = await renderSignal();
	const overlay = tested(el, "overlay") as HTMLCanvasElement;
	expect([overlay.width, overlay.height]).toEqual([8, 1]);
	const colors = colormap("RdBu_r").rgb;
	expect(pixel(overlay, 7)).toEqual([...colors.subarray(765, 768), 255]);
	expect(pixel(overlay, 4)).toEqual([...colors.subarray(3, 6), 255]);
	// Under 0.3 of the scale nothing is painted, whatever the sign.
	expect([0, 1, 5].map((at) => pixel(overlay, at)[3])).toEqual([0, 0, 0]);
	expect(drawing(base(el))?.paths).toHaveLength(2);
	expect(drawing(base(el))?.words).toEqual(["7", "0", "channel 0", "0", "−70", "channel 1", "0", "7"]);
	expect(tested(el, "stage").dataset).toMatchObject({ space: "1", state: "fresh", shown: "overlay" });
});

it("draws the lines at the size that the stage has, in device pixels", async () => {
	vi.stubGlobal("devicePixelRatio", 2);
	const { el } = await renderSignal();
	expect([base(el).width, base(el).height]).toEqual([1800, 1000]);
	resize(500);
	await frames();
	expect(base(el).width).toBe(1000);
	vi.unstubAllGlobals();
});

it("draws the lines anew where they are enlarged: as thin as before, and only what is seen", async () => {
	const { el } = await renderSignal();
	const stage = tested(el, "stage");
	const gaps = () =>
		(drawing(base(el))?.paths[0] ?? []).map(([x]) => x).filter((x, at, all) => at === 0 || x !== all[at - 1]);
	expect(gaps().slice(0, 3)).toEqual([900 / 16, (3 * 900) / 16, (5 * 900) / 16]);
	press(stage, "+");
	press(stage, "+");
	await frames();
	// 1.5 times 1.5: the canvas still has the stage's size, though the picture around it has grown.
	expect([base(el).width, base(el).height]).toEqual([900, 500]);
	expect(Number(base(el).style.scale)).toBeCloseTo(1 / 2.25);
	expect(base(el).style.translate).toBe("0% 0%");
	const [first = 0, second = 0] = gaps();
	expect(second - first).toBeCloseTo((2.25 * 900) / 8);
	// From 0.28 to 0.72 of 8 positions: 2 to 5, and one beyond on each side.
	expect(gaps()).toHaveLength(6);
	expect(drawing(base(el))?.words.slice(-2)).toEqual(["2", "5"]);
	press(stage, "0");
	await frames();
	expect([base(el).style.scale, base(el).style.translate]).toEqual(["", ""]);
	expect(gaps()).toHaveLength(8);
});

it("draws its lines in the frame after one in which all is hidden, as JupyterLab hides it for a new theme", async () => {
	const { el } = await renderSignal();
	const width = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(901);
	resize(901);
	// Of the stage's canvas and the thumbnail's.
	width.mockReturnValueOnce(0).mockReturnValueOnce(0);
	await frames();
	expect(base(el).width).toBe(901);
});

it("shows the lines alone, or the colours alone", async () => {
	const { el } = await renderSignal();
	const stage = tested(el, "stage");
	const views = [...el.querySelectorAll<HTMLButtonElement>(".sw-view")];
	expect(views.map(({ textContent }) => textContent)).toEqual(["signal", "overlay", "map"]);
	views[0]?.click();
	await frames();
	expect([stage.dataset.shown, stage.dataset.alone]).toEqual(["image", "false"]);
	views[2]?.click();
	await frames();
	expect([stage.dataset.shown, stage.dataset.alone]).toEqual(["map", "true"]);
});

it("reads position, signal and map, and goes through positions and channels with the arrows", async () => {
	const { el } = await renderSignal();
	const stage = tested(el, "stage");
	const picture = tested(el, "overlay").parentElement as HTMLElement;
	vi.spyOn(picture, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 400, 300));
	picture.dispatchEvent(new MouseEvent("pointermove", { clientX: 220, clientY: 250, bubbles: true }));
	await frames();
	expect(readout(el)).toBe("at 4 · channel 1 −40 · map −4.00 logit");
	press(stage, "ArrowRight");
	press(stage, "ArrowUp");
	await frames();
	expect(readout(el)).toBe("at 5 · channel 0 5 · map 0.00 logit");
});

it("explains the cell under a click with Alt, and frames it", async () => {
	const { fake, el } = await renderSignal();
	const picture = tested(el, "overlay").parentElement as HTMLElement;
	vi.spyOn(picture, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 400, 300));
	picture.dispatchEvent(new MouseEvent("click", { clientX: 220, clientY: 100, altKey: true, bubbles: true }));
	await frames();
	expect(fake.saved).toEqual([{ cell: [2] }]);
	expect(tested(el, "cell").style).toMatchObject({ left: "50%", width: "25%", top: "0%", height: "100%" });
});

it("says what it is, and takes no images", async () => {
	const { fake, el } = await renderSignal();
	expect(el.querySelector(".sw-footer-image")?.textContent).toBe("beat 7 · 8 positions · 2 channels");
	expect(el.querySelector('[aria-label="add image"]')).toBeNull();
	const event = Object.assign(new Event("drop", { bubbles: true }), {
		dataTransfer: { files: [imageFile("a.png", "abc")] },
	});
	tested(el, "stage").dispatchEvent(event);
	await frames();
	expect(fake.sent).toEqual([]);
	expect(el.querySelector("[role=alert]")?.textContent).toContain("takes no images here");
});
