// @vitest-environment jsdom
import { expect, it } from "vitest";
import { toWire } from "../../../src/stage/region/mask";
import { sendMap } from "../../kernel-messages";
import { frames, labelled, press, tested, useViews } from "../../view";
import { marked, paintAlong, point, renderImage, sendImage } from "./region";

useViews();

const wire = (...bits: number[]) =>
	toWire({ height: 8, width: 8, bits: Uint8Array.from({ length: 64 }, (_, at) => Number(bits.includes(at))) });

it("is outlined where Python has marked it, and follows what Python marks next", async () => {
	const { fake, el } = await renderImage({ region: wire(9) });
	expect(tested(el, "region").getAttribute("d")).toBe("M1 1H2V2H1z");
	fake.python({ region: wire(9, 10) });
	await frames();
	expect(tested(el, "region").getAttribute("d")).toBe("M1 1H3V2H1z");
	labelled(el, "undo region").click();
	expect(fake.get("region")).toEqual(wire(9));
	fake.python({ region: null });
	await frames();
	expect(tested(el, "region")).toBeNull();
});

it("follows the hand at once, and its share of the map with it", async () => {
	const { fake, el, picture } = await renderImage();
	labelled(el, "rectangle").click();
	point(picture, "pointerdown", 0, 6);
	point(picture, "pointermove", 8, 8);
	// Of 0 to 63 in 64 pixels, the last 16: 48 to 63.
	const [part, all] = [16 * 55.5, 64 * 31.5];
	await frames(1);
	expect(tested(el, "region").getAttribute("d")).toBe("M0 6H8V8H0z");
	const percent = Math.round((100 * part) / all);
	const times = (part / all / 0.25).toFixed(1);
	expect(tested(el, "share").textContent).toBe(
		`${percent}% of the positive attribution in 25% of the area: ${times} times its share.`,
	);
	fake.saved.length = 0;
	sendMap(
		fake,
		{ seq: 3, shape: [8, 8] },
		Float32Array.from({ length: 64 }, (_, at) => Number(at > 55)),
	);
	await frames();
	expect(tested(el, "share").textContent).toContain("100% of the positive attribution in 25%");
	expect([fake.saved, fake.sent]).toEqual([[], []]);
});

it("stays while the method and the class change", async () => {
	const { fake, el } = await renderImage({ region: wire(9) });
	fake.python({ method: "saliency", filter_indices: 7 });
	await frames();
	expect(tested(el, "region")).not.toBeNull();
	expect(fake.get("region")).toEqual(wire(9));
});

it("goes with its image, in the message that moves the image, and can't be taken back into the next", async () => {
	const { fake, el, picture } = await renderImage({ region: wire(9) });
	labelled(el, "rectangle").click();
	paintAlong(picture, [
		[0, 0],
		[3, 3],
	]);
	fake.saved.length = 0;
	press(tested(el, "stage"), "j");
	expect(fake.saved).toEqual([{ image_idx: 1, region: null }]);
	sendImage(fake, 1);
	await frames();
	expect(tested(el, "region")).toBeNull();
	press(tested(el, "stage"), "z", { ctrlKey: true });
	expect(marked(fake)).toBe("");
});

it("can't be taken back into an image that Python has chosen", async () => {
	const { fake, el } = await renderImage({ region: wire(9) });
	fake.python({ image_idx: 1, region: null });
	sendImage(fake, 1);
	await frames();
	expect(labelled(el, "undo region").disabled).toBe(true);
});

it("shows no region of another size", async () => {
	const { el } = await renderImage({
		region: toWire({ height: 1, width: 8, bits: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0) }),
	});
	expect([tested(el, "region"), tested(el, "share")]).toEqual([null, null]);
});
