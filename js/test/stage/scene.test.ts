// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeModel } from "../fake-model";
import { mapMessage, sendMap, sendPicture, sendSignal, sendVolume } from "../kernel-messages";
import { mobileTraits, smallTraits } from "../network";
import { type Opened, opened } from "../opened";

let fake: FakeModel;
let store: Opened;

function open(cells: number[]): void {
	fake = new FakeModel({ ...mobileTraits(), ...smallTraits({ cells }) });
	store = opened(fake.model);
}

beforeEach(() => open([4, 4]));
afterEach(() => store.dispose());

/** A map of 4 slices of 2 x 3 values, strongest at one of them. */
function sendVolumeMap(strong: number, changes: Record<string, unknown> = {}): void {
	const values = Float32Array.from({ length: 24 }, (_, i) => (Math.floor(i / 6) === strong ? -2 : 0.5));
	fake.tell(mapMessage(fake, { method: "saliency", shape: [4, 2, 3], top: 2, signed: true, ...changes }), values);
}

describe("before anything came", () => {
	it.each([1, 2, 3])("the number of axes is that of the input: %d", (space) => {
		open(Array(space).fill(4));
		expect([store.explained.scene.space.value, store.explained.scene.extent.value]).toEqual([
			space,
			Array(space).fill(1),
		]);
	});
});

it("measures what shows in its own pixels", () => {
	sendPicture(fake);
	expect([store.explained.scene.extent.value, store.explained.scene.plane.value]).toEqual([
		[2, 3],
		[2, 3],
	]);
	sendSignal(fake);
	expect([store.explained.scene.extent.value, store.explained.scene.plane.value]).toEqual([[8], [1, 8]]);
	sendVolume(fake);
	expect([store.explained.scene.extent.value, store.explained.scene.plane.value]).toEqual([
		[4, 2, 3],
		[2, 3],
	]);
	expect([store.explained.scene.picture.value !== null, store.explained.scene.series.value]).toEqual([true, null]);
});

describe("a slice", () => {
	beforeEach(() => {
		open([4, 4, 4]);
		sendVolume(fake);
	});

	it("is at first where the first map is strongest, and stays when another comes", () => {
		expect(store.explained.scene.slice.value).toBe(2);
		sendVolumeMap(3);
		expect(store.explained.scene.slice.value).toBe(3);
		sendVolumeMap(0, { seq: 2 });
		expect(store.explained.scene.slice.value).toBe(3);
	});

	it("is looked for once more when the first map is whole", () => {
		sendVolumeMap(0, { final: false, progress: 0.2 });
		sendVolumeMap(1, { final: false, progress: 0.6 });
		expect(store.explained.scene.slice.value).toBe(0);
		sendVolumeMap(3);
		expect(store.explained.scene.slice.value).toBe(3);
	});

	it("is the person's from the first move on, and asks the kernel nothing", () => {
		store.explained.scene.cut(1);
		sendVolumeMap(3);
		expect(store.explained.scene.slice.value).toBe(1);
		store.explained.scene.cut(99);
		expect(store.explained.scene.slice.value).toBe(3);
		store.explained.scene.cut(-1);
		expect(store.explained.scene.slice.value).toBe(0);
		expect([fake.saved, fake.sent]).toEqual([[], []]);
	});

	it("stays for the next image, and begins anew for another input", () => {
		store.explained.scene.cut(1);
		sendVolume(fake);
		expect(store.explained.scene.slice.value).toBe(1);
		sendVolume(fake, 1);
		expect(store.explained.scene.slice.value).toBe(2);
	});
});

describe("a map is not laid", () => {
	it("over another input", () => {
		sendPicture(fake);
		sendMap(fake, { method: "saliency" });
		expect(store.explained.scene.elsewhere.value).toBe(false);
		const rgb = new Uint8Array(18);
		fake.tell({ kind: "picture", image_idx: 0, input_idx: 1, name: "thermal", shape: [2, 3, 3] }, rgb);
		expect([store.explained.scene.elsewhere.value, store.explained.scene.shown.value]).toEqual([true, "image"]);
		fake.python({ input_idx: 1 });
		sendMap(fake, { seq: 2, method: "saliency" });
		expect(store.explained.scene.elsewhere.value).toBe(false);
	});

	it("over an input with other axes", () => {
		sendSignal(fake);
		sendMap(fake, { method: "saliency" });
		expect(store.explained.scene.elsewhere.value).toBe(true);
		sendMap(fake, { seq: 2, method: "weights" });
		expect([store.explained.scene.elsewhere.value, store.explained.scene.alone.value]).toEqual([false, true]);
	});
});
