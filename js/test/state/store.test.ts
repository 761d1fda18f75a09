// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../../tests/protocol.json";
import { SILENCE_MS } from "../../src/kernel/watch";
import { LATE_MS } from "../../src/stage/pane";
import { REST_MS } from "../../src/state/appearance";
import { chooseClass, stepImage, stepLayer } from "../../src/target/choose";
import { FakeModel } from "../fake-model";
import { MAP_VALUES, mapMessage, sendMap } from "../kernel-messages";
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

describe("maps", () => {
	it("that come late are dropped", () => {
		store.ask({ filter_indices: 91 });
		sendMap(fake, { seq: 5, query: "new" });
		sendMap(fake, { seq: 4, query: "old" });
		expect(store.explained.map.value?.query).toBe("new");
	});

	it("are read from buffers that lie anywhere", () => {
		const frame = new Uint8Array(1 + MAP_VALUES.byteLength);
		frame.set(new Uint8Array(MAP_VALUES.buffer), 1);
		fake.tell(mapMessage(fake), frame.subarray(1));
		expect([...(store.explained.map.value?.values ?? [])]).toEqual([...MAP_VALUES]);
	});

	it("that are ill-formed change nothing", () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		sendMap(fake);
		sendMap(fake, { seq: 2, shape: [99, 99] });
		fake.tell("garbage");
		expect(store.explained.map.value?.seq).toBe(1);
		expect(warn).toHaveBeenCalledTimes(2);
	});

	it("of another image than the picture are not laid over it", () => {
		sendMap(fake);
		fake.tell({ kind: "picture", image_idx: 1, input_idx: 0, name: "b", shape: [1, 1, 3] }, new Uint8Array(3));
		expect(store.explained.scene.elsewhere.value).toBe(true);
		fake.python({ image_idx: 1 });
		sendMap(fake, { seq: 2 });
		expect(store.explained.scene.elsewhere.value).toBe(false);
	});
});

describe("lateness", () => {
	it("is not shown for an answer that comes within 150 ms", () => {
		sendMap(fake);
		store.ask({ filter_indices: 91 });
		vi.advanceTimersByTime(LATE_MS - 1);
		sendMap(fake, { seq: 2 });
		vi.advanceTimersByTime(1000);
		expect(store.explained.late.value).toBe(false);
	});

	it("is shown from then on, until the answer", () => {
		sendMap(fake);
		store.ask({ filter_indices: 91 });
		vi.advanceTimersByTime(LATE_MS);
		expect(store.explained.late.value).toBe(true);
		sendMap(fake, { seq: 2 });
		expect(store.explained.late.value).toBe(false);
	});

	it("is not put off by further moves", () => {
		sendMap(fake);
		for (const filter_indices of [1, 2, 3, 4]) {
			store.ask({ filter_indices });
			vi.advanceTimersByTime(LATE_MS / 3);
		}
		expect(store.explained.late.value).toBe(true);
	});
});

describe("errors", () => {
	const about = (kind: string, seq: number | null) => ({
		kind: "error",
		pane: kind === "question" ? "explain" : null,
		seq,
		asked: seq === null ? null : store.question.value,
		about: kind,
		text: "no",
	});

	it("of a question stay until a control moves", () => {
		sendMap(fake);
		fake.tell(about("question", 2));
		expect([store.explained.failure.value?.text, store.explained.state.value, store.explained.map.value?.seq]).toEqual([
			"no",
			"error",
			1,
		]);
		store.ask({ filter_indices: 3 });
		expect([store.explained.failure.value, store.explained.state.value]).toEqual([null, "computing"]);
	});

	it("of an upload leave the map fresh", () => {
		sendMap(fake);
		fake.tell(about("upload", null));
		expect([store.failure.value?.text, store.explained.state.value]).toEqual(["no", "fresh"]);
	});
});

describe("recolouring", () => {
	it("tells the kernel nothing until it is settled and at rest, and then all of it once", () => {
		store.recolour({ opacity: 0.2 });
		store.recolour({ opacity: 0.3 });
		vi.advanceTimersByTime(10 * REST_MS);
		store.settle();
		store.recolour({ threshold: 0.4 });
		store.settle();
		expect([store.traits.opacity.value, fake.saved, fake.sent]).toEqual([0.3, [], []]);
		vi.advanceTimersByTime(REST_MS);
		store.settle();
		vi.advanceTimersByTime(10 * REST_MS);
		expect(fake.saved).toEqual([{ opacity: 0.3, threshold: 0.4 }]);
	});

	it("tells nothing while the next drag has begun before the last was told", () => {
		store.recolour({ opacity: 0.2 });
		store.settle();
		store.recolour({ opacity: 0.4 });
		vi.advanceTimersByTime(10 * REST_MS);
		expect(fake.saved).toEqual([]);
	});

	it("works without a kernel, and tells nobody", () => {
		fake.commLiveUpdate();
		store.recolour({ opacity: 0.2 });
		store.settle();
		vi.advanceTimersByTime(REST_MS);
		expect([store.traits.opacity.value, fake.saved]).toEqual([0.2, []]);
	});

	it("is no question", () => {
		sendMap(fake);
		store.recolour({ colormap: "gray", threshold: 0.5 });
		expect(store.explained.state.value).toBe("fresh");
	});

	it("fits the colours to the signs", () => {
		sendMap(fake);
		expect(store.explained.colors.value.name).toBe("inferno");
		sendMap(fake, { seq: 2, signed: true });
		expect(store.explained.colors.value.name).toBe("RdBu_r");
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
