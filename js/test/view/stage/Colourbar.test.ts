// @vitest-environment jsdom
import { expect, it } from "vitest";
import { sendMap } from "../../kernel-messages";
import { frames, renderFresh, useViews } from "../../view";

useViews();

const ends = (el: HTMLElement) => [...el.querySelectorAll(".sw-end")].map((end) => end.textContent);

it("ends at the real values, with the units", async () => {
	const { el } = await renderFresh();
	expect(ends(el)).toEqual(["0", "5"]);
	expect(el.querySelector(".sw-units")?.textContent).toBe("· logit");
});

it("is symmetric for signed values", async () => {
	const { fake, el } = await renderFresh();
	sendMap(fake, { seq: 2, signed: true }, Float32Array.of(-11.31, 0, 1, 2, 3, 4));
	await frames();
	expect(ends(el)).toEqual(["−11.3", "11.3"]);
});

it("says that values lie beyond a clipped end", async () => {
	const { fake, el } = await renderFresh();
	sendMap(fake, { seq: 2, signed: true, top: 3 }, Float32Array.of(-1, 0, 1, 2, 3, 100));
	await frames();
	expect(ends(el)).toEqual(["≤ −3", "≥ 3"]);
});
