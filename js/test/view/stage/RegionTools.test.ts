// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { toWire } from "../../../src/stage/region/mask";
import { sendSignal } from "../../kernel-messages";
import { smallTraits } from "../../network";
import { choose, frames, labelled, press, renderFresh, tested, useViews } from "../../view";
import { marked, paintAlong, renderImage, sendImage } from "./region";

useViews();

const rows = (...each: string[]) => each.join("\n");
const EMPTY = "........";

function take(el: HTMLElement, tool: string): void {
	labelled(el, tool).click();
}
const wire = (...bits: number[]) =>
	toWire({ height: 8, width: 8, bits: Uint8Array.from({ length: 64 }, (_, at) => Number(bits.includes(at))) });

describe("a superpixel", () => {
	const numbers = Uint16Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? 0 : 2) + (at < 32 ? 0 : 1));
	const said = { kind: "superpixels", image_idx: 0, input_idx: 0, size: [8, 8] };
	const LEFT = "####....";
	const RIGHT = "....####";

	it("is marked by a click or not, added with Shift, taken away with Alt", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "superpixel");
		await frames();
		expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "superpixels" }]);
		fake.tell(said, numbers);
		paintAlong(picture, [[1, 1]]);
		expect(marked(fake)).toBe(rows(LEFT, LEFT, LEFT, LEFT, EMPTY, EMPTY, EMPTY, EMPTY));
		paintAlong(picture, [[7, 7]], { shiftKey: true });
		paintAlong(picture, [[6, 7]], { shiftKey: true });
		expect(marked(fake)).toBe(rows(LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT));
		paintAlong(picture, [[1, 1]]);
		paintAlong(picture, [[6, 7]], { altKey: true });
		expect(marked(fake)).toBe("");
		expect(fake.sent).toHaveLength(1);
	});

	it("is marked once it is known which there are", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "superpixel");
		paintAlong(picture, [[7, 1]]);
		expect(marked(fake)).toBe("");
		fake.tell(said, numbers);
		expect(marked(fake)).toBe(rows(RIGHT, RIGHT, RIGHT, RIGHT, EMPTY, EMPTY, EMPTY, EMPTY));
		expect(fake.sent).toHaveLength(1);
	});

	it("is asked for anew with another image", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "superpixel");
		fake.tell(said, numbers);
		press(tested(el, "stage"), "j");
		sendImage(fake, 1);
		paintAlong(picture, [[7, 1]]);
		expect(marked(fake)).toBe("");
		expect(fake.sent.map(({ content }) => content.kind)).toEqual(["superpixels", "superpixels"]);
	});
});

describe("the toolbar", () => {
	it("marks the strongest and the weakest pixels of the map", async () => {
		const { fake, el } = await renderImage();
		choose(labelled(el, "percent"), "20");
		labelled(el, "strongest region").click();
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, "...#####", "########"));
		labelled(el, "weakest region").click();
		expect(marked(fake)).toBe(rows("########", "#####...", EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY));
	});

	it("inverts, clears, and takes each of it back and again", async () => {
		const { fake, el } = await renderImage();
		fake.python({ region: wire(0) });
		await frames();
		labelled(el, "invert region").click();
		const others = marked(fake);
		expect(others).toBe(rows(".#######", ...Array(7).fill("########")));
		await frames();
		labelled(el, "clear region").click();
		expect(marked(fake)).toBe("");
		await frames();
		labelled(el, "undo region").click();
		expect(marked(fake)).toBe(others);
		press(tested(el, "stage"), "z", { ctrlKey: true });
		expect(fake.get("region")).toEqual(wire(0));
		press(tested(el, "stage"), "Z", { ctrlKey: true, shiftKey: true });
		press(labelled(el, "no tool"), "y", { ctrlKey: true });
		expect(marked(fake)).toBe("");
		press(labelled(el, "no tool"), "y", { ctrlKey: true });
		expect(fake.saved).toHaveLength(6);
	});

	it("leaves Ctrl+Z to a field in which something is typed", async () => {
		const { fake, el } = await renderImage();
		labelled(el, "invert region").click();
		const typed = press(labelled(el, "filter_indices value"), "z", { ctrlKey: true });
		expect(typed.defaultPrevented).toBe(false);
		expect(marked(fake)).toContain("########");
	});

	it("marks nothing by a map that has not a value for each pixel, and says so", async () => {
		const { fake, el } = await renderFresh();
		sendImage(fake);
		await frames();
		labelled(el, "strongest region").click();
		await frames();
		expect(marked(fake)).toBe("");
		expect(el.textContent).toContain("This map has no value for each pixel of the image");
	});

	it("chooses brush and eraser by key, and leaves the tool with Escape; the work goes on", async () => {
		const { fake, el } = await renderImage();
		const toolbar = labelled(el, "no tool");
		const chosen = async (key: string) => {
			press(toolbar, key);
			await frames();
			return el.querySelector("[role=toolbar] [aria-pressed=true]")?.getAttribute("aria-label");
		};
		expect([await chosen("b"), await chosen("e"), await chosen("Escape")]).toEqual(["brush", "eraser", "no tool"]);
		expect(fake.sent).toEqual([]);
	});

	it("can't be used for a signal, and says why", async () => {
		const { fake, el } = await renderFresh(smallTraits({ cells: [8] }));
		sendSignal(fake);
		await frames();
		for (const tool of ["brush", "eraser", "rectangle", "lasso", "superpixel"]) {
			expect(labelled(el, tool).disabled, tool).toBe(true);
		}
		expect(labelled(el, "region").textContent).toBe("Regions are of images, and this input is a signal.");
	});
});
