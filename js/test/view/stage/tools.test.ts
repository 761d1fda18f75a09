// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { toWire } from "../../../src/stage/region/mask";
import { drag, frames, labelled, press, tested, useViews } from "../../view";
import { marked, paintAlong, point, renderImage } from "./region";

useViews();

const rows = (...each: string[]) => each.join("\n");
const EMPTY = "........";

function take(el: HTMLElement, tool: string): void {
	labelled(el, tool).click();
}
const wire = (...bits: number[]) =>
	toWire({ height: 8, width: 8, bits: Uint8Array.from({ length: 64 }, (_, at) => Number(bits.includes(at))) });

describe("by pointer", () => {
	it("paints along the way with the brush, and erases with the eraser", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "brush");
		drag(labelled(el, "brush size"), 1);
		paintAlong(picture, [
			[1.5, 2.5],
			[5.5, 2.5],
		]);
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, ".#####..", EMPTY, EMPTY, EMPTY, EMPTY, EMPTY));
		take(el, "eraser");
		paintAlong(picture, [
			[3.5, 0.5],
			[3.5, 7.5],
		]);
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, ".##.##..", EMPTY, EMPTY, EMPTY, EMPTY, EMPTY));
	});

	it("marks a rectangle, and takes one away with Alt", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "rectangle");
		paintAlong(picture, [
			[6, 5],
			[3, 3],
			[2, 3],
		]);
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, "..####..", "..####..", EMPTY, EMPTY, EMPTY));
		paintAlong(
			picture,
			[
				[3, 0],
				[4, 8],
			],
			{ altKey: true },
		);
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, "..#.##..", "..#.##..", EMPTY, EMPTY, EMPTY));
		expect(fake.get("cell")).toBeNull();
	});

	it("marks what a lasso goes around", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "lasso");
		paintAlong(picture, [
			[1, 1],
			[7, 1],
			[1, 7],
		]);
		expect(marked(fake)).toBe(rows(EMPTY, ".#####..", ".####...", ".###....", ".##.....", ".#......", EMPTY, EMPTY));
	});

	it("goes on painting where a picture is enlarged, and does not move it", async () => {
		const { fake, el, picture } = await renderImage();
		labelled(el, "zoom in").click();
		take(el, "rectangle");
		await frames();
		const lies = picture.getAttribute("style");
		paintAlong(picture, [
			[0, 0],
			[2, 1],
			[3, 1],
		]);
		await frames();
		expect(marked(fake).split("\n")[0]).toBe("###.....");
		expect(picture.getAttribute("style")).toBe(lies);
	});

	it("gives way to a pinch: what one finger began is dropped", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "brush");
		const touch = { pointerType: "touch" };
		point(picture, "pointerdown", 4, 4, touch);
		point(picture, "pointermove", 5, 4, touch);
		point(picture, "pointerdown", 2, 4, { ...touch, pointerId: 2, isPrimary: false });
		point(picture, "pointermove", 0, 4, { ...touch, pointerId: 2, isPrimary: false });
		point(picture, "pointerup", 5, 4, touch);
		await frames();
		expect(marked(fake)).toBe("");
		expect(picture.dataset.zoomed).toBe("true");
	});

	it("marks nothing with another button, and nothing without a tool", async () => {
		const { fake, el, picture } = await renderImage();
		paintAlong(picture, [
			[1, 1],
			[5, 5],
		]);
		take(el, "brush");
		paintAlong(
			picture,
			[
				[1, 1],
				[5, 5],
			],
			{ button: 2 },
		);
		await frames();
		expect([fake.saved, fake.sent]).toEqual([[], []]);
	});

	it("explains the cell at Alt+click where no tool is in the hand", async () => {
		const { fake, picture } = await renderImage({ layer_idx: 153, filter_indices: 0 });
		picture.dispatchEvent(new MouseEvent("click", { bubbles: true, altKey: true, clientX: 175, clientY: 55 }));
		expect(fake.saved).toEqual([{ cell: [0, 6] }]);
	});
});

describe("what is said to the kernel", () => {
	it("is nothing while the tool only hovers", async () => {
		const { fake, el, picture } = await renderImage();
		for (const tool of ["brush", "eraser", "rectangle", "lasso"]) {
			take(el, tool);
			for (let x = 0; x < 8; x++) point(picture, "pointermove", x, 4, { buttons: 0 });
			await frames();
			if (tool === "brush") expect(tested(el, "brush").getAttribute("cx")).toBe("7");
		}
		expect([fake.saved, fake.sent]).toEqual([[], []]);
	});

	it("is the newest painted state, once a frame, and the last as the hand is lifted", async () => {
		const { fake, el, picture } = await renderImage();
		take(el, "brush");
		drag(labelled(el, "brush size"), 1);
		point(picture, "pointerdown", 0.5, 0.5);
		for (let x = 1; x < 6; x++) point(picture, "pointermove", x + 0.5, 0.5);
		expect(fake.saved).toEqual([]);
		await frames();
		expect(fake.saved).toEqual([{ region: wire(0, 1, 2, 3, 4, 5) }]);
		for (const x of [6, 7]) point(picture, "pointermove", x + 0.5, 0.5);
		point(picture, "pointerup", 7.5, 0.5);
		expect(fake.saved.slice(1)).toEqual([{ region: wire(0, 1, 2, 3, 4, 5, 6, 7) }]);
		await frames();
		expect(fake.saved).toHaveLength(2);
	});

	it("makes no map stale", async () => {
		const { el, picture } = await renderImage();
		take(el, "rectangle");
		paintAlong(picture, [
			[1, 1],
			[5, 5],
		]);
		await frames();
		expect(tested(el, "stage").dataset.state).toBe("fresh");
	});
});

describe("by keyboard", () => {
	it("paints at the cursor with Space, larger and smaller", async () => {
		const { fake, el } = await renderImage();
		const stage = tested(el, "stage");
		press(stage, "b");
		press(stage, "ArrowLeft");
		press(stage, " ");
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, EMPTY, "...#....", EMPTY, EMPTY, EMPTY));
		press(stage, "]");
		press(stage, "]");
		press(stage, " ");
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, "..###...", "..###...", "..###...", EMPTY, EMPTY));
		press(stage, "[");
		press(stage, "[");
		press(stage, "e");
		expect(press(stage, " ").defaultPrevented).toBe(true);
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, "..###...", "..#.#...", "..###...", EMPTY, EMPTY));
		expect(stage.dataset.shown).toBe("overlay");
	});

	it("sets two corners of a rectangle with Space, each with its pixel", async () => {
		const { fake, el } = await renderImage();
		const stage = tested(el, "stage");
		take(el, "rectangle");
		press(stage, " ");
		press(stage, "ArrowRight");
		press(stage, "ArrowDown");
		press(stage, "ArrowDown");
		press(stage, " ");
		expect(marked(fake)).toBe(rows(EMPTY, EMPTY, EMPTY, EMPTY, "....##..", "....##..", "....##..", EMPTY));
		expect(labelled(el, "undo region").disabled).toBe(true);
		await frames();
		expect(labelled(el, "undo region").disabled).toBe(false);
	});

	it("sets points of a lasso with Space, closes it with Enter, and drops it with Escape", async () => {
		const { fake, el } = await renderImage();
		const stage = tested(el, "stage");
		const go = (key: string, times: number) => {
			for (let i = 0; i < times; i++) press(stage, key);
		};
		take(el, "lasso");
		press(stage, " ");
		go("ArrowRight", 3);
		press(stage, " ");
		go("ArrowDown", 3);
		press(stage, " ");
		await frames();
		expect(marked(fake)).not.toBe("");
		press(stage, "Escape");
		expect(marked(fake)).toBe("");
		expect(labelled(el, "lasso").getAttribute("aria-pressed")).toBe("true");
		for (const [key, times] of [
			["ArrowUp", 3],
			["ArrowLeft", 3],
			["ArrowDown", 3],
		] as const) {
			press(stage, " ");
			go(key, times);
		}
		press(stage, " ");
		press(stage, "Enter");
		const before = marked(fake);
		expect(before.match(/#/g)?.length).toBeGreaterThan(5);
		press(stage, "Escape");
		await frames();
		expect(labelled(el, "no tool").getAttribute("aria-pressed")).toBe("true");
		expect(marked(fake)).toBe(before);
	});

	it("leaves Space to the original image where no tool is in the hand", async () => {
		const { el } = await renderImage();
		const stage = tested(el, "stage");
		press(stage, " ");
		await frames();
		expect(stage.dataset.shown).toBe("image");
	});
});
