// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../../tests/protocol.json";
import { SILENCE_MS } from "../../src/kernel/watch";
import { chooseClass, stepImage, stepLayer } from "../../src/target/choose";
import { FakeModel } from "../fake-model";
import { sendMap } from "../kernel-messages";
import { mobileTraits } from "../network";
import { type Opened, opened } from "../opened";
import { imageFile } from "../view";

let fake: FakeModel;
let store: Opened;

beforeEach(() => {
	vi.useFakeTimers();
	fake = new FakeModel(mobileTraits());
	store = opened(fake.model);
});

afterEach(() => {
	store.dispose();
	vi.useRealTimers();
});

describe("work that goes on", () => {
	it("is over when the kernel has gone, though nothing was asked since", () => {
		sendMap(fake, { progress: 0.21, final: false });
		expect(store.explained.progress.value).toBe(0.21);
		vi.advanceTimersByTime(SILENCE_MS - 1);
		expect(store.explained.running.value).toBe(true);
		vi.advanceTimersByTime(1);
		expect([store.explained.running.value, store.explained.progress.value, store.alive.value]).toEqual([
			false,
			null,
			false,
		]);
		expect(store.kernel.absence.value).toContain("run the cell again");
		sendMap(fake, { progress: 0.5, final: false });
		expect([store.explained.progress.value, store.kernel.absence.value]).toEqual([0.5, ""]);
	});

	it("goes on in a kernel that answers what it is asked while it works", () => {
		fake.onSend = ({ content }) => content.kind === "ready" && sendMap(fake, { progress: 0.21, final: false });
		sendMap(fake, { progress: 0.21, final: false });
		vi.advanceTimersByTime(10 * SILENCE_MS);
		expect(store.explained.progress.value).toBe(0.21);
	});

	it("is waited for no longer when it is done", () => {
		sendMap(fake, { progress: 0.21, final: false });
		sendMap(fake);
		vi.advanceTimersByTime(10 * SILENCE_MS);
		expect([store.kernel.absence.value, fake.sent.length]).toEqual(["", 0]);
	});
});

describe("asking", () => {
	it("saves the traits and waits for an answer at once", () => {
		sendMap(fake);
		store.ask({ grad_modifier: "negate" });
		expect(fake.saved).toEqual([{ grad_modifier: "negate" }]);
		expect(store.explained.state.value).toBe("computing");
		sendMap(fake, { seq: 2 });
		expect(store.explained.state.value).toBe("fresh");
	});

	it("chooses a class in one message", () => {
		chooseClass(store, 91);
		expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91 }]);
	});

	it("follows a kernel that corrects what was asked", () => {
		sendMap(fake);
		store.ask({ layer_idx: 5 });
		fake.python({ filter_indices: 7 });
		expect(store.explained.state.value).toBe("computing");
		sendMap(fake, { seq: 2 });
		expect(store.question.value).toMatchObject({ layer_idx: 5, filter_indices: 7 });
		expect(store.explained.state.value).toBe("fresh");
	});

	it("steps over layers that the method can't use, and stays within the network", () => {
		fake.python({ layer_idx: 5 });
		stepLayer(store, -1);
		expect(store.traits.layer_idx.value).toBe(4);
		stepLayer(store, -1);
		expect(store.traits.layer_idx.value).toBe(4);
		fake.python({ layer_idx: 155 });
		stepLayer(store, 1);
		expect(store.traits.layer_idx.value).toBe(155);
	});

	it("knows how many images there are", () => {
		stepImage(store, -1);
		expect(fake.saved).toEqual([]);
		stepImage(store, 1);
		stepImage(store, 1);
		stepImage(store, 1);
		expect(store.traits.image_idx.value).toBe(2);
	});
});

describe("messages to the kernel", () => {
	const examples = fixture.to_kernel.valid.map(({ content }) => content);

	it("are as the fixture has them", async () => {
		store.start();
		store.explained.stop();
		const file = imageFile("ouzel1.png", "x");
		await store.upload(file);
		for (const { content } of fake.sent) expect(examples).toContainEqual(content);
		expect(fake.sent.map(({ content }) => content.kind)).toEqual(["ready", "stop", "upload"]);
		expect(fake.sent[2]?.buffers[0]?.byteLength).toBe(1);
	});

	it("say stop only while there is something to stop", () => {
		sendMap(fake);
		store.explained.stop();
		expect(fake.sent).toEqual([]);
		sendMap(fake, { seq: 2, final: false });
		store.explained.stop();
		expect(fake.sent.map(({ content }) => content.kind)).toEqual(["stop"]);
	});

	it("never carry a file over the limit, which is not even read", async () => {
		fake.python({ limits: { upload_bytes: 3 } });
		const file = imageFile("a.png", "xxxx");
		await store.upload(file);
		expect(file.arrayBuffer).not.toHaveBeenCalled();
		expect(fake.sent).toEqual([]);
		expect(store.failure.value?.text).toContain("a.png");
	});

	it("say so when a file can't be read", async () => {
		const file = imageFile("gone.png", "x");
		file.arrayBuffer.mockRejectedValue(new DOMException("NotReadableError"));
		await store.upload(file);
		expect([fake.sent, store.failure.value?.text]).toEqual([[], "gone.png could not be read."]);
	});
});

describe("without a kernel", () => {
	it("survives a comm that is closed", () => {
		fake.onSend = () => {
			throw new Error("Cannot send");
		};
		store.start();
		expect(store.alive.value).toBe(false);
	});

	it("takes a comm that changed for dead, and asks; an answer brings it back", () => {
		sendMap(fake);
		fake.commLiveUpdate();
		expect(store.kernel.absence.value).toContain("Run the cell again");
		expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "ready", loopback: true }]);
		store.ask({ filter_indices: 3 });
		expect(fake.saved).toEqual([]);
		sendMap(fake);
		expect(store.alive.value).toBe(true);
	});

	it("is stale, not computing, after 20 s of silence; a message brings it back", () => {
		sendMap(fake);
		store.ask({ filter_indices: 3 });
		vi.advanceTimersByTime(20_000);
		expect([store.alive.value, store.explained.state.value]).toEqual([false, "stale"]);
		sendMap(fake, { seq: 2 });
		expect([store.alive.value, store.explained.state.value]).toEqual([true, "fresh"]);
	});
});

it("lets go of the model", () => {
	store.dispose();
	expect(fake.listeners).toEqual([]);
	expect(vi.getTimerCount()).toBe(0);
});
