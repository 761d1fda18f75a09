// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../../../tests/protocol.json";
import { FakeModel } from "../../fake-model";
import { sendPicture } from "../../kernel-messages";
import { DREAM_SETTINGS, mobileTraits } from "../../network";
import { type Opened, opened } from "../../opened";
import { dreamMessage, gridMessage, tellCard, tellDream, tellFrame } from "./messages";

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
const setting = (name: string) => DREAM_SETTINGS.find((one) => one.name === name) as (typeof DREAM_SETTINGS)[number];

describe("requests", () => {
	it("have the form of the shared examples", () => {
		const { dreams } = store;
		dreams.set(setting("steps"), 64);
		dreams.start("dream_filters");
		dreams.set(setting("steps"), 256);
		dreams.start("dream_start");
		tellDream(fake);
		tellFrame(fake, { step: 12 });
		dreams.painted();
		dreams.toggle();
		tellDream(fake, { state: "paused" });
		dreams.toggle();
		dreams.stop();
		tellDream(fake, { state: "stopped" });
		dreams.more();
		dreams.exportAs("gif");
		dreams.exportAs("png");
		dreams.openCard(1);
		const examples = fixture.to_kernel.valid.map(({ content }) => content);
		const requests = sent();
		for (const content of requests) expect(examples).toContainEqual(content);
		const kinds = fixture.to_kernel.valid.map(({ content }) => content.kind).filter((kind) => kind.startsWith("dream"));
		expect(new Set(requests.map(({ kind }) => kind))).toEqual(new Set(kinds));
	});

	it("carry only the settings that differ from the default", () => {
		store.dreams.set(setting("steps"), 64);
		store.dreams.set(setting("score"), "both");
		store.dreams.set(setting("steps"), 256);
		store.dreams.start("dream_start");
		expect(sent()).toEqual([{ kind: "dream_start", settings: { score: "both" } }]);
	});

	it("are none when there is nothing to do", () => {
		const { dreams } = store;
		for (const act of [dreams.toggle, dreams.stop, dreams.more, dreams.unqueue, dreams.recall]) act();
		dreams.exportAs("gif");
		dreams.openCard(0);
		fake.python({ dream_refusal: "This model takes text." });
		dreams.start("dream_start");
		expect(sent()).toEqual([]);
	});

	it("are none without a kernel", () => {
		tellDream(fake);
		tellFrame(fake);
		fake.commLiveUpdate();
		sent();
		const { dreams } = store;
		for (const act of [dreams.toggle, dreams.stop, dreams.more]) act();
		dreams.start("dream_start");
		dreams.openCard(0);
		expect(sent()).toEqual([]);
		expect(dreams.moment.value?.step).toBe(1);
	});
});

describe("progress", () => {
	it("is that of the steps, and none once it is done", () => {
		tellDream(fake);
		tellFrame(fake, { step: 64 });
		expect([store.dreams.progress.value, store.dreams.step.value]).toEqual([0.25, 64]);
		tellDream(fake, { state: "done", step: 256 });
		expect(store.dreams.progress.value).toBeNull();
	});

	it("of a grid counts the filters that are done", () => {
		fake.tell(gridMessage(8));
		tellFrame(fake, { count: 4, offset: 4, step: 4 });
		expect(store.dreams.progress.value).toBe(0.75);
	});

	it("is that of the dream that runs, not of the one that is still on the stage", () => {
		tellDream(fake);
		tellFrame(fake, { step: 256 });
		tellDream(fake, { state: "done", step: 256 });
		tellDream(fake, { id: 8, steps: 64 });
		expect([store.dreams.step.value, store.dreams.progress.value, store.dreams.dream.value?.id]).toEqual([0, 0, 7]);
	});
});

describe("errors", () => {
	const error = { kind: "error", pane: null, seq: null, asked: null, about: "dream", text: "No." };

	it("of a dream are the tab's own, and leave the last picture", () => {
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		store.dreams.start("dream_start");
		expect(store.dreams.starting.value).toBe(true);
		fake.tell(error);
		expect([store.dreams.failure.value?.text, store.failure.value, store.dreams.starting.value]).toEqual([
			"No.",
			null,
			false,
		]);
		expect(store.dreams.moment.value?.step).toBe(3);
	});

	it("that end a dream are told, and go with the next start", () => {
		tellDream(fake);
		tellFrame(fake, { step: 3 });
		tellDream(fake, { state: "failed", text: "The score is no number." });
		expect([store.dreams.failure.value?.text, store.dreams.moment.value?.step]).toEqual(["The score is no number.", 3]);
		store.dreams.start("dream_start");
		expect(store.dreams.failure.value).toBeNull();
	});
});

describe("files", () => {
	const file = { kind: "dream_file", id: 7, name: "water_ouzel.gif", mime: "image/gif" };

	it("are saved by the view that asked, once", () => {
		const saved: string[] = [];
		URL.createObjectURL = vi.fn(() => "blob:1");
		URL.revokeObjectURL = vi.fn();
		vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
			saved.push(this.download);
		});
		tellDream(fake);
		tellFrame(fake);
		fake.tell(file, Uint8Array.of(1, 2, 3));
		expect(saved).toEqual([]);
		store.dreams.exportAs("gif");
		fake.tell(file, Uint8Array.of(1, 2, 3));
		fake.tell(file, Uint8Array.of(1, 2, 3));
		vi.runAllTimers();
		expect(saved).toEqual(["water_ouzel.gif"]);
		const [blob] = vi.mocked(URL.createObjectURL).mock.calls[0] as [Blob];
		expect([blob.type, blob.size]).toEqual(["image/gif", 3]);
		expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1");
	});
});

describe("the card", () => {
	beforeEach(() => {
		fake.tell(gridMessage(4));
		tellFrame(fake, { count: 4 });
		store.dreams.openCard(2);
		sent();
	});

	it("is asked for again when another image comes", () => {
		sendPicture(fake, 1);
		expect(sent()).toEqual([{ kind: "dream_card", id: 7, place: 2 }]);
		store.dreams.closeCard();
		sendPicture(fake, 2);
		expect(sent()).toEqual([]);
	});

	it("shows no other filter's", () => {
		tellCard(fake, 7, 1);
		expect(store.dreams.cardFound.value).toBeNull();
		tellCard(fake, 7, 2);
		expect(store.dreams.cardFound.value?.title).toBe("Conv1 filter 2");
		store.dreams.openCard(3);
		expect(store.dreams.cardFound.value).toBeNull();
	});

	it("goes with its dream", () => {
		fake.tell(dreamMessage({ id: 8 }));
		tellFrame(fake, { id: 8 });
		expect(store.dreams.card.value).toBeNull();
	});
});

it("says what is dreamed of in words", () => {
	expect(store.dreams.words.value).toBe("water ouzel");
	store.dreams.set(setting("goal"), "layer");
	expect(store.dreams.words.value).toBe("all of predictions");
});

it("announces states, not steps", () => {
	tellDream(fake);
	const words = store.dreams.announcement.value;
	tellFrame(fake, { step: 5 });
	expect([words, store.dreams.announcement.value]).toEqual([
		"dream of water ouzel: running",
		"dream of water ouzel: running",
	]);
});
