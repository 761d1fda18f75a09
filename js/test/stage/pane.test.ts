// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LATE_MS } from "../../src/stage/pane";
import { FakeModel } from "../fake-model";
import { MAP_VALUES, mapMessage, sendMap } from "../kernel-messages";
import { mobileTraits } from "../network";
import { type Opened, opened } from "../opened";

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
