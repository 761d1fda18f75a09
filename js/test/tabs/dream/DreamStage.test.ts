// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { pixel } from "../../canvas";
import { drag, frames, press, type Rendered, renderFresh, tested, useViews } from "../../view";
import { tellDream, tellFrame } from "./messages";

useViews();

/** The tab with dream 7 that has begun. */
async function renderDream(changes: Parameters<typeof tellDream>[1] = {}): Promise<Rendered> {
	const rendered = await renderFresh({ tab: "dream" });
	tellDream(rendered.fake, changes);
	tellFrame(rendered.fake, { step: 3, count: changes.titles?.length ?? 1 });
	await frames();
	return rendered;
}

const canvases = (el: HTMLElement) => [...tested(el, "dream-stage").querySelectorAll("canvas")];
const sent = ({ fake }: Rendered) => fake.sent.splice(0).map(({ content }) => content);
const button = (el: HTMLElement, id: string) => tested(el, id) as HTMLButtonElement;

describe("before the first dream", () => {
	it("invites, and has one button that starts", async () => {
		const { el, ...rendered } = await renderFresh({ tab: "dream" });
		expect(el.querySelectorAll("[data-testid=dream-start]")).toHaveLength(1);
		const start = button(el, "dream-start");
		expect(start.textContent).toBe("Dream of water ouzel");
		start.focus();
		start.click();
		await frames();
		expect(sent({ el, ...rendered })).toEqual([{ kind: "dream_start", settings: {} }]);
		expect(tested(el, "dream-stage").textContent).toContain("Waiting for its turn.");
		expect(document.activeElement).toBe(tested(el, "dream-stage"));
		expect(el.querySelectorAll("[data-testid=dream-start]")).toHaveLength(1);
	});

	it("says why a model has no dreams", async () => {
		const reason = "This model takes whole numbers, which cannot change gradually: it has no dreams.";
		const { el } = await renderFresh({ tab: "dream", dream_refusal: reason });
		expect(tested(el, "dream-stage").textContent).toContain(reason);
		expect([tested(el, "dream-start"), button(el, "dream-filters").disabled]).toEqual([null, true]);
	});

	it("is failed when the first one fails, with the reason over the stage", async () => {
		const { fake, el } = await renderFresh({ tab: "dream" });
		tellDream(fake, { state: "failed", text: "No <b>gradient</b>." });
		await frames();
		expect(tested(el, "dream-stage").dataset.state).toBe("failed");
		expect(tested(el, "dream-stage").querySelector("[role=alert]")?.textContent).toBe("No <b>gradient</b>.");
		expect(button(el, "dream-start")).not.toBeNull();
	});
});

describe("a dream", () => {
	it("is painted before the kernel is told so", async () => {
		const rendered = await renderFresh({ tab: "dream" });
		const { fake, el } = rendered;
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		expect(sent(rendered)).toEqual([]);
		await frames();
		expect(sent(rendered)).toEqual([{ kind: "dream_painted", id: 7, step: 3 }]);
		const [canvas] = canvases(el) as [HTMLCanvasElement];
		expect([canvas.width, canvas.height, pixel(canvas, 1)]).toEqual([2, 1, [3, 3, 3, 255]]);
		expect(tested(el, "dream-stage").dataset).toMatchObject({ id: "7", step: "3", state: "running" });
		expect(tested(el, "dream-step").textContent).toBe("3 / 256");
		expect(tested(el, "dream-stage").textContent).toContain("water ouzel 3.00");
	});

	it("of two images has them side by side, each with its title and score", async () => {
		const { fake, el } = await renderDream({
			titles: ["ouzel: logit", "<i>ouzel</i>: probability"],
			filters: [20, 20],
		});
		expect(canvases(el).map((canvas) => pixel(canvas, 0)[0])).toEqual([3, 3]);
		tellFrame(fake, { step: 4, count: 2, scores: [23.1, null] });
		await frames();
		const captions = [...el.querySelectorAll(".sw-dream-caption")].map(({ textContent }) => textContent);
		expect(captions).toEqual(["ouzel: logit 23.10", "<i>ouzel</i>: probability no number"]);
	});

	it("of two inputs has an image of each for every score, small ones with their pixels", async () => {
		const titles = ["ouzel · left", "ouzel · right", "bear · left", "bear · right"];
		const { fake, el } = await renderDream({ titles, filters: [20, 20, 7, 7] });
		const of = (width: number, ...bytes: number[]) => ({
			shape: [2, 1, width, 3],
			rgb: Uint8Array.from(bytes.flatMap((byte) => Array<number>(3 * width).fill(byte))),
		});
		tellFrame(fake, { step: 4, scores: [23.1, 0.5], inputs: [of(2, 10, 30), of(200, 20, 40)] });
		await frames();
		expect(canvases(el).map((canvas) => pixel(canvas, 0)[0])).toEqual([10, 20, 30, 40]);
		expect(canvases(el).map(({ dataset, width }) => [width, dataset.small])).toEqual(
			[2, 200, 2, 200].map((width) => [width, String(width < 128)]),
		);
		const captions = [...el.querySelectorAll(".sw-dream-caption")].map(({ textContent }) => textContent);
		expect(captions).toEqual(titles.map((title, at) => `${title} ${at < 2 ? "23.10" : "0.500"}`));
	});

	it("answers while the scrubber stands elsewhere, and paints nothing new", async () => {
		const rendered = await renderDream();
		const { fake, el } = rendered;
		tellFrame(fake, { step: 4 });
		await frames();
		drag(tested(el, "dream-scrubber") as HTMLInputElement, 0);
		await frames();
		sent(rendered);
		tellFrame(fake, { step: 5 });
		await frames();
		expect(sent(rendered)).toEqual([{ kind: "dream_painted", id: 7, step: 5 }]);
		expect([tested(el, "dream-stage").dataset.step, pixel(canvases(el)[0] as Element, 0)[0]]).toEqual(["3", 3]);
		[...el.querySelectorAll("button")].find(({ textContent }) => textContent === "live")?.click();
		await frames();
		expect([tested(el, "dream-stage").dataset.step, pixel(canvases(el)[0] as Element, 0)[0]]).toEqual(["5", 5]);
	});

	it("is there again when the tab comes back, with its history", async () => {
		const { fake, el } = await renderDream();
		tested(el, "tab-explain").click();
		await frames();
		tellFrame(fake, { step: 4 });
		tested(el, "tab-dream").click();
		await frames();
		expect([tested(el, "dream-stage").dataset.step, pixel(canvases(el)[0] as Element, 0)[0]]).toEqual(["4", 4]);
		expect((tested(el, "dream-scrubber") as HTMLInputElement).max).toBe("1");
	});

	it("is paused and goes on by its button and by Space, but not by Space held down", async () => {
		const rendered = await renderDream();
		const { fake, el } = rendered;
		sent(rendered);
		button(el, "dream-pause").click();
		const stage = tested(el, "dream-stage");
		expect(press(stage, " ").defaultPrevented).toBe(true);
		press(stage, " ", { repeat: true });
		tellDream(fake, { state: "paused", text: "Paused: no page is watching." });
		await frames();
		press(stage, " ");
		expect(sent(rendered).map(({ kind }) => kind)).toEqual(["dream_pause", "dream_pause", "dream_resume"]);
		expect([stage.dataset.state, stage.textContent?.includes("no page is watching")]).toEqual(["paused", true]);
	});

	it("is stopped by its button and by Esc, which stops no question", async () => {
		const rendered = await renderDream();
		sent(rendered);
		button(rendered.el, "dream-stop").click();
		press(tested(rendered.el, "dream-stage"), "Escape");
		expect(sent(rendered)).toEqual([
			{ kind: "dream_stop", id: 7 },
			{ kind: "dream_stop", id: 7 },
		]);
	});

	it("leaves Space to the original image in the other tab", async () => {
		const rendered = await renderDream();
		tested(rendered.el, "tab-explain").click();
		await frames();
		sent(rendered);
		press(tested(rendered.el, "stage"), " ");
		await frames();
		expect([tested(rendered.el, "stage").dataset.shown, sent(rendered)]).toEqual(["image", []]);
	});

	it("stays when the kernel is gone: only the scrubber works", async () => {
		const { fake, el } = await renderDream();
		tellFrame(fake, { step: 4 });
		fake.commLiveUpdate();
		await frames();
		const dead = ["dream-start", "dream-pause", "dream-stop", "dream-more", "dream-export-gif", "dream-filters"];
		expect(dead.map((id) => button(el, id).disabled)).toEqual(dead.map(() => true));
		drag(tested(el, "dream-scrubber") as HTMLInputElement, 0);
		await frames();
		expect(tested(el, "dream-stage").dataset.step).toBe("3");
	});

	it("can have more steps and a film when it is done", async () => {
		const rendered = await renderDream();
		const { fake, el } = rendered;
		expect(button(el, "dream-more").disabled).toBe(true);
		tellDream(fake, { state: "done", step: 256 });
		await frames();
		sent(rendered);
		button(el, "dream-more").click();
		button(el, "dream-export-png").click();
		await frames();
		expect(button(el, "dream-export-gif").disabled).toBe(true);
		expect(sent(rendered).map(({ kind }) => kind)).toEqual(["dream_more", "dream_export"]);
	});

	it("is copied as Python", async () => {
		const writeText = vi.fn().mockResolvedValue(undefined);
		vi.stubGlobal("navigator", { clipboard: { writeText } });
		const { el } = await renderDream();
		tested(el, "dream-copy").click();
		await frames();
		expect(writeText).toHaveBeenCalledWith("salwidget.dream(model, 155, 20)");
		vi.unstubAllGlobals();
	});

	it("shows what waits, and takes it back", async () => {
		const rendered = await renderDream();
		tellDream(rendered.fake, { id: 8, state: "queued" });
		await frames();
		const chip = rendered.el.querySelector(".sw-dream-waiting") as HTMLElement;
		expect(chip.textContent).toBe("1 waiting");
		sent(rendered);
		chip.querySelector("button")?.click();
		expect(sent(rendered)).toEqual([{ kind: "dream_stop", id: 8 }]);
	});
});
