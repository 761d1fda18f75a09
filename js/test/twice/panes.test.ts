// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LATE_MS } from "../../src/stage/pane";
import { openStore, type Store } from "../../src/state/store";
import { TABS } from "../../src/tabs/tabs";
import { FakeModel } from "../fake-model";
import { askedBy, sendMap, sendPicture } from "../kernel-messages";
import { mobileTraits } from "../network";
import { frames, labelled, press, renderSilent, tested, useViews } from "../view";
import "./index";

describe("two panes", () => {
	let fake: FakeModel;
	let store: Store;

	beforeEach(() => {
		vi.useFakeTimers();
		fake = new FakeModel({ ...mobileTraits(), tab: "twice" });
		store = openStore(fake.model, document.createElement("div"), TABS);
	});
	afterEach(() => {
		store.dispose();
		vi.useRealTimers();
	});

	const states = () => ["left", "right"].map((name) => store.pane(name).state.value);
	const queries = () => ["left", "right"].map((name) => store.pane(name).map.value?.query);
	const sent = () => fake.sent.map(({ content }) => content);

	it("keep the newest answer each, however their messages come", () => {
		sendMap(fake, { pane: "left", seq: 2, query: "l2" });
		sendMap(fake, { pane: "right", seq: 1, query: "r1" });
		sendMap(fake, { pane: "left", seq: 1, query: "l1" });
		sendMap(fake, { pane: "right", seq: 2, query: "r2" });
		sendMap(fake, { pane: "right", seq: 1, query: "r1" });
		expect([queries(), states()]).toEqual([
			["l2", "r2"],
			["fresh", "fresh"],
		]);
		expect(store.pane("explain").map.value).toBeNull();
	});

	it("compute both when a control moves, and are fresh one after the other", () => {
		sendMap(fake, { pane: "left" });
		sendMap(fake, { pane: "right" });
		store.ask({ filter_indices: 7 });
		expect([fake.saved, states()]).toEqual([[{ filter_indices: 7 }], ["computing", "computing"]]);
		sendMap(fake, { pane: "right", seq: 2 });
		expect(states()).toEqual(["computing", "fresh"]);
		vi.advanceTimersByTime(LATE_MS);
		expect(["left", "right"].map((name) => store.pane(name).late.value)).toEqual([true, false]);
		sendMap(fake, { pane: "left", seq: 2 });
		expect(states()).toEqual(["fresh", "fresh"]);
	});

	it("stop by themselves: one goes on", () => {
		sendMap(fake, { pane: "left", progress: 0.25, final: false });
		sendMap(fake, { pane: "right", progress: 0.5, final: false });
		store.pane("left").stop();
		expect(sent()).toEqual([{ kind: "stop", pane: "left" }]);
		fake.tell({ kind: "stopped", pane: "left", seq: 1, text: "" });
		expect(["left", "right"].map((name) => store.pane(name).progress.value)).toEqual([null, 0.5]);
		expect([states(), store.pane("left").running.value]).toEqual([["stale", "fresh"], false]);
		sendMap(fake, { pane: "right", progress: 1 });
		store.pane("left").again();
		expect([states(), sent()[1]]).toEqual([["stale", "fresh"], { kind: "again", pane: "left" }]);
		fake.tell({ kind: "computing", pane: "left", seq: 2, asked: askedBy(fake) });
		sendMap(fake, { pane: "left", seq: 2 });
		expect(states()).toEqual(["fresh", "fresh"]);
	});

	it("fail by themselves, until a control moves", () => {
		sendMap(fake, { pane: "right" });
		const error = { kind: "error", pane: "left", seq: 1, asked: askedBy(fake), about: "question", text: "no" };
		fake.tell(error);
		const failures = () => ["left", "right", "explain"].map((name) => store.pane(name).failure.value?.text);
		expect([states(), failures()]).toEqual([
			["error", "fresh"],
			["no", undefined, undefined],
		]);
		store.ask({ filter_indices: 7 });
		expect(failures()).toEqual([undefined, undefined, undefined]);
	});

	it("colour their maps by their own signs", () => {
		sendMap(fake, { pane: "left", signed: true });
		sendMap(fake, { pane: "right" });
		expect(["left", "right"].map((name) => store.pane(name).colors.value.name)).toEqual(["RdBu_r", "inferno"]);
	});

	it("leave a message to nobody whose pane is not known", () => {
		sendMap(fake, { pane: "middle" });
		expect([queries(), store.pane("explain").map.value]).toEqual([[undefined, undefined], null]);
	});
});

describe("their tab", () => {
	useViews();

	it("is one row that the whole view follows", async () => {
		const { fake, el } = renderSilent();
		sendPicture(fake);
		sendMap(fake);
		tested(el, "tab-twice").click();
		sendMap(fake, { pane: "left", method: "saliency" });
		await frames();
		expect([...el.querySelectorAll("[role=tab]")].map(({ textContent }) => textContent)).toEqual([
			"Explain",
			"Test",
			"Dream",
			"Twice",
		]);
		expect(el.querySelector(".sw-hints")?.textContent).toBe("Esc: stop both");
		expect(tested(el, "pane-left").dataset).toMatchObject({ query: "q1", state: "fresh" });
		expect(tested(el, "pane-left").textContent).toContain("saliency fresh");
		expect(tested(el, "pane-right").dataset).toMatchObject({ query: "", state: "computing" });
		fake.sent.length = 0;
		labelled(el, "stop right").click();
		expect(labelled<HTMLButtonElement>(el, "stop left").disabled).toBe(true);
		press(tested(el, "twice-stage"), "Escape");
		expect(fake.sent.map(({ content }) => content)).toEqual(Array(2).fill({ kind: "stop", pane: "right" }));
		tested(el, "tab-explain").click();
		await frames();
		expect(tested(el, "stage").dataset).toMatchObject({ query: "q1", state: "fresh" });
	});
});
