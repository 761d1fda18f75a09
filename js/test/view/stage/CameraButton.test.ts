// @vitest-environment jsdom
import { expect, it } from "vitest";
import { frames, labelled, renderFresh, renderSilent, useViews } from "../../view";

useViews();

it("takes no picture before there is a map", () => {
	const { el } = renderSilent();
	expect(labelled<HTMLButtonElement>(el, "save picture").disabled).toBe(true);
});

it("takes one of any map that is there", async () => {
	const { el } = await renderFresh();
	await frames();
	expect(labelled<HTMLButtonElement>(el, "save picture").disabled).toBe(false);
});
