// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel } from "../../fake-model";
import { sendMap } from "../../kernel-messages";
import { mobileTraits } from "../../network";
import { type Opened, opened } from "../../opened";
import { tellDream, tellFrame } from "./messages";

let fake: FakeModel;
let store: Opened;

beforeEach(() => {
	vi.useFakeTimers();
	fake = new FakeModel({ ...mobileTraits(), tab: "dream" });
	store = opened(fake.model);
});

afterEach(() => {
	store.dispose();
	vi.useRealTimers();
});

const sent = () => fake.sent.splice(0).map(({ content }) => content);

describe("backpressure", () => {
	it("answers a frame once it is painted, not before", () => {
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		expect(sent()).toEqual([]);
		store.dreams.painted();
		store.dreams.painted();
		expect(sent()).toEqual([{ kind: "dream_painted", id: 7, step: 3 }]);
	});

	it.each([
		["the other tab shows", () => store.show("explain")],
		["the page is hidden", () => vi.spyOn(document, "hidden", "get").mockReturnValue(true)],
	])("answers at once while %s", (_, leave) => {
		tellDream(fake);
		leave();
		tellFrame(fake, { step: 3 });
		expect(sent()).toEqual([{ kind: "dream_painted", id: 7, step: 3 }]);
		expect(store.dreams.moment.value?.step).toBe(3);
	});

	it("answers what is owed as the page is left", () => {
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		store.show("explain");
		tellFrame(fake, { step: 4 });
		store.show("dream");
		tellFrame(fake, { step: 5 });
		vi.spyOn(document, "hidden", "get").mockReturnValue(true);
		document.dispatchEvent(new Event("visibilitychange"));
		expect(sent().map(({ step }) => step)).toEqual([3, 4, 5]);
	});

	it("answers frames that it does not show too, so that the kernel never waits", () => {
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		store.dreams.painted();
		tellFrame(fake, { step: 2 });
		tellFrame(fake, { id: 99, step: 1 });
		expect(sent().map(({ id, step }) => [id, step])).toEqual([
			[7, 3],
			[7, 2],
			[99, 1],
		]);
		expect(store.dreams.moment.value?.step).toBe(3);
	});

	it("is no question: silence after the last frame is no sign of a dead kernel", () => {
		sendMap(fake);
		tellDream(fake);
		tellFrame(fake, { step: 256 });
		tellDream(fake, { state: "done" });
		store.dreams.painted();
		vi.advanceTimersByTime(60_000);
		expect(store.alive.value).toBe(true);
	});

	it("is heard of no more when the kernel has gone: a dream that runs is waited for", () => {
		sendMap(fake);
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		vi.advanceTimersByTime(60_000);
		expect([store.alive.value, store.dreams.progress.value]).toEqual([false, null]);
	});
});

describe("the scrubber", () => {
	beforeEach(() => {
		tellDream(fake);
		for (let step = 1; step <= 5; step++) tellFrame(fake, { step });
	});

	it("shows history, while the stream goes on", () => {
		store.dreams.scrub(1);
		tellFrame(fake, { step: 6 });
		expect([store.dreams.moment.value?.step, store.dreams.at.value, store.dreams.step.value]).toEqual([2, 1, 2]);
		expect(store.dreams.film.value.moments).toHaveLength(6);
	});

	it("is live at its right end", () => {
		store.dreams.scrub(1);
		store.dreams.scrub(4);
		expect(store.dreams.held.value).toBeNull();
		tellFrame(fake, { step: 6 });
		expect([store.dreams.moment.value?.step, store.dreams.at.value]).toEqual([6, 5]);
	});

	it("holds its picture when the film drops it", () => {
		store.dreams.scrub(1);
		for (let step = 6; step <= 300; step++) tellFrame(fake, { step });
		expect(store.dreams.film.value.moments.map(({ step }) => step)).not.toContain(2);
		expect([store.dreams.moment.value?.step, store.dreams.at.value]).toEqual([2, 0]);
	});

	it("goes back to live with another dream", () => {
		store.dreams.scrub(1);
		tellDream(fake, { id: 8 });
		expect(store.dreams.moment.value?.step).toBe(2);
		tellFrame(fake, { id: 8, step: 1 });
		expect([store.dreams.held.value, store.dreams.moment.value?.step]).toEqual([null, 1]);
	});
});

describe("the queue", () => {
	it("is counted, and its last one can be taken back", () => {
		tellDream(fake);
		tellDream(fake, { id: 8, state: "queued" });
		tellDream(fake, { id: 9, state: "queued" });
		expect(store.dreams.waiting.value.map(({ id }) => id)).toEqual([8, 9]);
		store.dreams.unqueue();
		expect(sent()).toEqual([{ kind: "dream_stop", id: 9 }]);
		tellDream(fake, { id: 9, state: "stopped" });
		expect(store.dreams.waiting.value.map(({ id }) => id)).toEqual([8]);
	});

	it("is stopped when nothing runs yet", () => {
		tellDream(fake, { state: "queued" });
		store.dreams.stop();
		expect(sent()).toEqual([{ kind: "dream_stop", id: 7 }]);
	});

	it("can't be paused", () => {
		tellDream(fake);
		tellFrame(fake);
		tellDream(fake, { state: "queued" });
		store.dreams.toggle();
		expect(sent()).toEqual([]);
	});

	it("brings a dream that was paused for another back", () => {
		tellDream(fake);
		tellFrame(fake);
		tellDream(fake, { state: "paused" });
		tellDream(fake, { id: 8 });
		tellFrame(fake, { id: 8 });
		expect(store.dreams.aside.value.map(({ id }) => id)).toEqual([7]);
		store.dreams.recall();
		expect(sent().at(-1)).toEqual({ kind: "dream_resume", id: 7 });
	});
});
