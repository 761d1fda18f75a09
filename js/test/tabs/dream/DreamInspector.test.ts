// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { pixel } from "../../canvas";
import { choose, drag, frames, labelled, press, type Rendered, renderFresh, tested, useViews } from "../../view";
import { gridMessage, tellCard, tellFrame } from "./messages";

useViews();

const sent = ({ fake }: Rendered) => fake.sent.splice(0).map(({ content }) => content);
const named = (el: HTMLElement, text: string) =>
	[...el.querySelectorAll("button")].find(({ textContent }) => textContent?.includes(text)) as HTMLButtonElement;

it("keeps the controls of the target", async () => {
	const { fake, el } = await renderFresh({ tab: "dream" });
	drag(labelled(el, "filter_indices"), 7);
	expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 7 }]);
	await frames();
	expect(tested(el, "dream-start").textContent).toBe("Dream of class name 7");
});

describe("settings", () => {
	it("are made from their declaration; all groups but the first are folded", async () => {
		const { el } = await renderFresh({ tab: "dream" });
		expect(labelled(el, "steps").value).toBe("256");
		expect(el.querySelector('[aria-label="jitter"]')).toBeNull();
		named(el, "transforms").click();
		await frames();
		expect([labelled(el, "jitter").max, named(el, "transforms").getAttribute("aria-expanded")]).toEqual([
			"0.5",
			"true",
		]);
	});

	it("ask nothing until a dream starts, and are reset together", async () => {
		const rendered = await renderFresh({ tab: "dream" });
		const { fake, el } = rendered;
		choose(labelled(el, "steps value"), "64");
		choose(
			labelled<HTMLSelectElement>(el.querySelector("[aria-label=settings]") as HTMLElement, "score") as never,
			"both",
		);
		await frames();
		expect([fake.saved, fake.sent]).toEqual([[], []]);
		tested(el, "dream-start").click();
		expect(sent(rendered)).toEqual([{ kind: "dream_start", settings: { steps: 64, score: "both" } }]);
		named(el, "reset to defaults").click();
		await frames();
		expect(labelled(el, "steps").value).toBe("256");
	});

	it("stay, and stay unfolded, when the tab comes back; a folded group says what was changed", async () => {
		const { el } = await renderFresh({ tab: "dream" });
		named(el, "transforms").click();
		await frames();
		drag(labelled(el, "jitter"), 0.2);
		tested(el, "tab-explain").click();
		await frames();
		tested(el, "tab-dream").click();
		await frames();
		expect(labelled(el, "jitter").value).toBe("0.2");
		named(el, "transforms").click();
		await frames();
		expect(named(el, "transforms").textContent).toContain("1 changed");
	});
});

describe("the card of a filter", () => {
	async function renderCard(): Promise<Rendered> {
		const rendered = await renderFresh({ tab: "dream", layer_idx: 1, filter_indices: 3 });
		rendered.fake.tell(gridMessage(4));
		tellFrame(rendered.fake, { step: 8, count: 4 });
		await frames();
		sent(rendered);
		const tile = tested(rendered.el, "dream-tile-2");
		tile.focus();
		tile.click();
		await frames();
		return rendered;
	}

	it("opens at once with its dream, and is asked for", async () => {
		const rendered = await renderCard();
		expect(sent(rendered)).toEqual([{ kind: "dream_card", id: 7, place: 2 }]);
		const card = tested(rendered.el, "dream-card");
		expect(card.textContent).toContain("filter 2");
		expect([...card.querySelectorAll("canvas")].map((canvas) => pixel(canvas, 0)[0])).toEqual([8]);
		expect(tested(rendered.el, "dream-tile-2").getAttribute("aria-pressed")).toBe("true");
	});

	it("shows dream, map and weights, and the images with their patches outlined", async () => {
		const rendered = await renderCard();
		tellCard(rendered.fake, 7, 2);
		await frames();
		const card = tested(rendered.el, "dream-card");
		expect([...card.querySelectorAll("canvas")].map((canvas) => pixel(canvas, 0)[0])).toEqual([8, 20, 10, 30, 40]);
		const outline = card.querySelector<HTMLElement>(".sw-cell")?.style;
		expect([outline?.top, outline?.left, outline?.height, outline?.width]).toEqual(["25%", "12.5%", "25%", "62.5%"]);
		const [, patch] = card.querySelectorAll<HTMLButtonElement>(".sw-patch");
		expect(patch?.getAttribute("aria-label")).toBe("<b>bear</b>, 2: show this image");
		patch?.click();
		expect(rendered.fake.saved).toEqual([{ image_idx: 2 }]);
	});

	it.each([
		["its button", (card: HTMLElement) => labelled(card, "close the card").click()],
		["Esc, which stops no dream", (card: HTMLElement) => press(card, "Escape")],
	])("closes by %s, and gives the focus back to the tile", async (_, close) => {
		const rendered = await renderCard();
		sent(rendered);
		expect(document.activeElement).toBe(labelled(rendered.el, "close the card"));
		close(tested(rendered.el, "dream-card"));
		await frames();
		expect([tested(rendered.el, "dream-card"), sent(rendered)]).toEqual([null, []]);
		expect(document.activeElement).toBe(tested(rendered.el, "dream-tile-2"));
	});

	it("is renewed for the image that is shown", async () => {
		const rendered = await renderCard();
		sent(rendered);
		rendered.fake.tell({ kind: "picture", image_idx: 1, input_idx: 0, name: "b", shape: [1, 1, 3] }, new Uint8Array(3));
		expect(sent(rendered)).toEqual([{ kind: "dream_card", id: 7, place: 2 }]);
	});
});
