import { describe, expect, it } from "vitest";
import type { Dream, Frame } from "../../../src/tabs/dream/protocol";
import { activeOf, EMPTY_QUEUE, withMessage } from "../../../src/tabs/dream/queue";
import { dreamMessage, frameMessage } from "./messages";

const told = (...messages: (Dream | Frame)[]) => messages.reduce(withMessage, EMPTY_QUEUE);
const run7 = dreamMessage({ id: 7 });
const run8 = dreamMessage({ id: 8 });

describe("the stage", () => {
	it("belongs to a dream from its first picture on", () => {
		expect(told(run7).shown).toBeNull();
		expect(told(run7, frameMessage()).shown?.dream).toBe(run7);
	});

	it("keeps the last picture until the next dream has one", () => {
		const dreams = told(run7, frameMessage(), dreamMessage({ state: "done" }), run8);
		expect([dreams.shown?.dream.id, dreams.shown?.film.moments.length]).toEqual([7, 1]);
		expect(withMessage(dreams, frameMessage({ id: 8 })).shown?.dream).toBe(run8);
	});

	it("keeps it too when the next dream fails", () => {
		const dreams = told(run7, frameMessage(), run8, dreamMessage({ id: 8, state: "failed", text: "No." }));
		expect(dreams.shown?.dream.id).toBe(7);
		expect(dreams.shown?.film.moments).toHaveLength(1);
	});

	it.each([
		["a frame of a dream that is unknown", frameMessage({ id: 9 })],
		["a frame of an older dream", frameMessage({ id: 7, step: 90 })],
		["the same frame again", frameMessage({ id: 8, step: 3 })],
		["an earlier frame", frameMessage({ id: 8, step: 2 })],
		["the state of an older dream", dreamMessage({ id: 7, state: "done" })],
	])("is not changed by %s", (_, message) => {
		const before = told(run8, frameMessage({ id: 8, step: 3 }));
		expect(withMessage(before, message)).toBe(before);
	});

	it("is as it was after a reload, in whichever order the kernel tells it", () => {
		const done = [7, 8].map((id) => dreamMessage({ id, state: "done", step: 256 }));
		const frames = [7, 8].map((id) => frameMessage({ id, step: 256 }));
		const [first, second] = done as [Dream, Dream];
		const [one, two] = frames as [Frame, Frame];
		expect(told(first, one, second, two).shown?.dream).toBe(second);
		expect(told(first, second, one, two).shown?.dream).toBe(second);
	});
});

describe("the dream that is active", () => {
	it("is the one that runs, before one that is paused", () => {
		expect(activeOf(told())).toBeNull();
		expect(activeOf(told(dreamMessage({ state: "queued" })))).toBeNull();
		expect(activeOf(told(run7))?.id).toBe(7);
		const paused = dreamMessage({ state: "paused" });
		expect(activeOf(told(run7, frameMessage(), paused))).toBe(paused);
		expect(activeOf(told(run7, frameMessage(), paused, run8))).toBe(run8);
		expect(activeOf(told(run7, frameMessage(), dreamMessage({ state: "done" })))).toBeNull();
	});

	it("may come back to the stage after it was paused for another", () => {
		const paused = dreamMessage({ state: "paused" });
		const aside = told(run7, frameMessage(), paused, run8, frameMessage({ id: 8 }));
		expect([aside.shown?.dream.id, aside.coming]).toEqual([8, [paused]]);
		const done = withMessage(aside, dreamMessage({ id: 8, state: "done" }));
		expect(activeOf(done)).toBeNull();
		const again = withMessage(withMessage(done, run7), frameMessage({ step: 2 }));
		expect([again.shown?.dream, again.coming]).toEqual([run7, []]);
	});
});
