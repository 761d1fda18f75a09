// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { pixel } from "../../canvas";
import { sendMap } from "../../kernel-messages";
import { frames, press, type Rendered, renderFresh, tested, useViews } from "../../view";
import { OTHER_REGION, OTHER_TOKEN, REGION, REPLACEMENTS, tellIntervention, tellSwaps } from "./messages";

useViews();

async function renderTest(): Promise<Rendered> {
	const rendered = await renderFresh({ tab: "test", replacements: REPLACEMENTS, region: REGION });
	sendMap(rendered.fake, { pane: "test" });
	tellIntervention(rendered.fake);
	await frames();
	return rendered;
}

const sent = ({ fake }: Rendered) => fake.sent.splice(0).map(({ content }) => content);
const button = (el: HTMLElement) => tested(el, "swap") as HTMLButtonElement;
const shown = (el: HTMLElement) =>
	[...button(el).querySelectorAll("[aria-hidden=false]")].map(({ textContent }) => textContent).join();
const section = (el: HTMLElement) => el.querySelector('[aria-label="other backgrounds"]') as HTMLElement;

describe("other backgrounds", () => {
	it("come by a press, grow, and can be stopped", async () => {
		const rendered = await renderTest();
		const { fake, el } = rendered;
		button(el).click();
		await frames();
		expect([sent(rendered), shown(el)]).toEqual([[{ kind: "swap" }], "Stop"]);
		expect(section(el).textContent).toContain("0%");
		tellSwaps(fake, { progress: 0.5, final: false });
		await frames();
		expect(section(el).textContent).toContain("50%");
		button(el).click();
		tellSwaps(fake, { progress: 0.75, final: false });
		await frames();
		expect([sent(rendered), shown(el)]).toEqual([[{ kind: "stop swap" }], "Swap the background"]);
	});

	it("say how often the top class changes, with its interval, and mark those tiles by more than a colour", async () => {
		const rendered = await renderTest();
		const { fake, el } = rendered;
		button(el).click();
		tellSwaps(fake);
		await frames();
		expect(shown(el)).toBe("Swap the background");
		expect(section(el).textContent).toContain("1 of 2 change the top class, 95%: 10 to 91%");
		expect(section(el).textContent).toContain("The top class changes on 1 of 2 backgrounds.");
		const tiles = [...el.querySelectorAll<HTMLElement>(".sw-swap")];
		expect(tiles.map(({ dataset }) => dataset.flips)).toEqual(["false", "true"]);
		expect(tiles.map(({ textContent }) => textContent)).toEqual(["water ouzel95.0%", "≠spider web"]);
		expect(tiles[1]?.title).toBe("on <i>noise</i>: spider web, another class");
		expect(tiles[1]?.querySelector("[role=img]")?.getAttribute("aria-label")).toBe("another class");
		expect(pixel(tiles[0]?.querySelector("canvas") as HTMLCanvasElement, 0)[0]).toBe(30);
		expect(el.querySelector(".sw-footer [role=status]")?.textContent).toContain("1 of 2 backgrounds");
	});

	it("stop with Escape, and with another region; the old tiles are said to be of the region before", async () => {
		const rendered = await renderTest();
		const { fake, el } = rendered;
		button(el).click();
		press(tested(el, "stage"), "Escape");
		expect(sent(rendered)).toEqual([{ kind: "swap" }, { kind: "stop swap" }]);
		button(el).click();
		tellSwaps(fake, { progress: 0.5, final: false });
		fake.python({ region: OTHER_REGION });
		await frames();
		expect(sent(rendered)).toEqual([{ kind: "swap" }, { kind: "stop swap" }]);
		expect(section(el).dataset.late).toBe("true");
		expect(section(el).textContent).toContain("Of the region before.");
		tellSwaps(fake, { region: OTHER_TOKEN });
		await frames();
		expect(section(el).dataset.late).toBe("false");
	});

	it("end with an error", async () => {
		const rendered = await renderTest();
		const { fake, el } = rendered;
		button(el).click();
		fake.tell({ kind: "error", pane: null, seq: null, asked: null, about: "test", text: "No other background." });
		await frames();
		expect(shown(el)).toBe("Swap the background");
		expect(tested(el, "edited").querySelector("[role=alert]")?.textContent).toBe("No other background.");
	});
});
