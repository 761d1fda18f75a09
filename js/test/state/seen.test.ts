// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Seen } from "../../src/kernel/traits";
import { snapshotOf } from "../../src/stage/snapshot";
import { REST_MS } from "../../src/state/appearance";
import { drawing, fakeCanvas } from "../canvas";
import { FakeModel } from "../fake-model";
import { mapMessage, sendVolume } from "../kernel-messages";
import { mobileTraits, smallTraits } from "../network";
import { type Opened, opened } from "../opened";

const UNSEEN: Seen = { view: "overlay", slice: -1, channel: 0, dark: false, rail: 0 };
const stores: Opened[] = [];

beforeEach(() => {
	vi.useFakeTimers();
	fakeCanvas();
});
afterEach(() => {
	for (const store of stores.splice(0)) store.dispose();
	vi.useRealTimers();
});

function modelOf(cells: number[], seen = UNSEEN): FakeModel {
	return new FakeModel({ ...mobileTraits(), ...smallTraits({ cells }), seen });
}

function view(fake: FakeModel): Opened {
	const store = opened(fake.model);
	stores.push(store);
	return store;
}

/** A map of 4 slices of 2 x 3 values, strongest at one of them. */
function sendVolumeMap(fake: FakeModel, strong: number): void {
	const values = Float32Array.from({ length: 24 }, (_, i) => (Math.floor(i / 6) === strong ? 2 : 0.5));
	fake.tell(mapMessage(fake, { method: "saliency", shape: [4, 2, 3], top: 2 }), values);
}

it("tells what shows once, when the hand rests, and nothing as long as it is the usual", () => {
	const fake = modelOf([4, 4, 4]);
	const { explained, rail } = view(fake);
	const { scene } = explained;
	vi.advanceTimersByTime(REST_MS);
	expect(fake.saved).toEqual([]);
	sendVolume(fake);
	sendVolumeMap(fake, 3);
	scene.cut(0);
	scene.cut(1);
	scene.view.value = "map";
	rail.value = 260;
	vi.advanceTimersByTime(REST_MS - 1);
	expect(fake.saved).toEqual([]);
	vi.advanceTimersByTime(1);
	expect(fake.saved).toEqual([{ seen: { ...UNSEEN, view: "map", slice: 1, rail: 260 } }]);
});

it("shows the same in both views of a widget", () => {
	const fake = modelOf([4, 4, 4]);
	const [one, other] = [view(fake), view(fake)];
	sendVolume(fake);
	sendVolumeMap(fake, 3);
	vi.advanceTimersByTime(REST_MS);
	expect(fake.saved.splice(0)).toHaveLength(1);
	one.explained.scene.cut(1);
	one.explained.scene.view.value = "image";
	one.rail.value = 300;
	vi.advanceTimersByTime(REST_MS);
	expect([other.explained.scene.slice.value, other.explained.scene.view.value, other.rail.value]).toEqual([
		1,
		"image",
		300,
	]);
	other.explained.scene.cut(2);
	vi.advanceTimersByTime(REST_MS);
	expect(one.explained.scene.slice.value).toBe(2);
	vi.advanceTimersByTime(10 * REST_MS);
	expect(fake.saved).toHaveLength(2);
});

it("begins as the page did before it was loaded again", () => {
	const fake = modelOf([4, 4, 4], { ...UNSEEN, view: "map", slice: 1, rail: 260 });
	const { explained, rail } = view(fake);
	const { scene } = explained;
	sendVolume(fake);
	sendVolumeMap(fake, 3);
	expect([scene.slice.value, scene.view.value, rail.value]).toEqual([1, "map", 260]);
	vi.advanceTimersByTime(REST_MS);
	expect(fake.saved).toEqual([]);
});

it("looks for the strongest slice of a whole map though that of a part was told", () => {
	const fake = modelOf([4, 4, 4]);
	const { scene } = view(fake).explained;
	sendVolume(fake);
	const part = Float32Array.from({ length: 24 }, (_, i) => (i < 6 ? 2 : 0));
	fake.tell(mapMessage(fake, { method: "saliency", shape: [4, 2, 3], top: 2, final: false, progress: 0.5 }), part);
	vi.advanceTimersByTime(REST_MS);
	sendVolumeMap(fake, 3);
	expect(scene.slice.value).toBe(3);
});

it("takes a picture of the channels that show", () => {
	const fake = modelOf([4]);
	const store = view(fake);
	// Only the last channel is no level line.
	const values = Float32Array.from({ length: 8 * 40 }, (_, i) => (i % 40 === 39 ? i : 0));
	fake.tell({ kind: "signal", image_idx: 0, input_idx: 0, name: "many", shape: [8, 40] }, values);
	fake.tell(mapMessage(fake, { method: "saliency", shape: [8], top: 4 }), Float32Array.of(0, 1, 2, 3, 4, 3, 2, 1));
	store.explained.scene.startAt(8);
	const { paths = [] } = drawing(snapshotOf(store.explained, store.traits, false) as HTMLCanvasElement) ?? {};
	const level = paths.map((path) => path.every(([, y]) => Math.abs(y - (path[0] as [number, number])[1]) < 0.1));
	expect(level).toEqual([...Array(31).fill(true), false]);
});
