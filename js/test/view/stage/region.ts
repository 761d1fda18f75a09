// A hand on the stage: an image whose pixels are ten CSS pixels wide, and the pointer events of a browser.

import { vi } from "vitest";
import { fromWire } from "../../../src/stage/region/mask";
import type { FakeModel } from "../../fake-model";
import { sendMap } from "../../kernel-messages";
import { frames, type Rendered, renderFresh } from "../../view";

const SIZE = 8;

/** A view with an image of 8 x 8 pixels, and a map whose values are 0 to 63 in reading order. */
export async function renderImage(
	traits: Parameters<typeof renderFresh>[0] = {},
): Promise<Rendered & { picture: HTMLElement }> {
	const rendered = await renderFresh(traits);
	const { fake, el } = rendered;
	sendImage(fake);
	sendMap(
		fake,
		{ seq: 2, shape: [SIZE, SIZE] },
		Float32Array.from({ length: SIZE * SIZE }, (_, at) => at),
	);
	await frames();
	const picture = el.querySelector(".sw-picture") as HTMLElement;
	vi.spyOn(picture, "getBoundingClientRect").mockReturnValue({ left: 100, top: 50, width: 80, height: 80 } as DOMRect);
	picture.setPointerCapture = vi.fn();
	fake.saved.length = 0;
	fake.sent.length = 0;
	return { ...rendered, picture };
}

export function sendImage(fake: FakeModel, image_idx = 0): void {
	const about = { image_idx, input_idx: 0, name: "ouzel1.jpg", shape: [SIZE, SIZE, 3] };
	fake.tell({ kind: "picture", ...about }, new Uint8Array(3 * SIZE * SIZE));
}

/** Where a pointer does something, in pixels of the image. */
export function point(picture: HTMLElement, type: string, x: number, y: number, more: PointerEventInit = {}): void {
	const at = { clientX: 100 + 10 * x, clientY: 50 + 10 * y };
	const buttons = type === "pointerup" ? 0 : 1;
	const { pointerId = 1, isPrimary = true, ...others } = more;
	const event = new MouseEvent(type, { bubbles: true, cancelable: true, buttons, ...at, ...others });
	// jsdom's window has no pointer events of its own.
	picture.dispatchEvent(Object.assign(event, { pointerId, isPrimary }));
}

/** Press, go along some places, let go. */
export function paintAlong(picture: HTMLElement, places: [number, number][], more: PointerEventInit = {}): void {
	const [first, last] = [places[0] as [number, number], places.at(-1) as [number, number]];
	point(picture, "pointerdown", ...first, more);
	for (const place of places.slice(1)) point(picture, "pointermove", ...place, more);
	point(picture, "pointerup", ...last, more);
}

/** The region that the kernel knows, as rows of `#` and `.`; "" for none. */
export function marked(fake: FakeModel): string {
	const mask = fromWire(fake.get("region") as never);
	if (!mask) return "";
	const words = [...mask.bits].map((bit) => (bit ? "#" : ".")).join("");
	return Array.from({ length: mask.height }, (_, row) => words.slice(row * mask.width, (row + 1) * mask.width)).join(
		"\n",
	);
}
