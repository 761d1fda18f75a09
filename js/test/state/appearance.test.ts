// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { REST_MS } from "../../src/state/appearance";
import { FakeModel } from "../fake-model";
import { sendMap } from "../kernel-messages";
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
