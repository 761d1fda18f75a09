import { describe, expect, it } from "vitest";
import type { Answer, Heatmap } from "../../src/kernel/protocol";
import { blankTraits, type QuestionControls } from "../../src/kernel/traits";
import { type Answers, NO_ANSWERS, stageState, withAnswer } from "../../src/stage/answers";

const A: QuestionControls = { ...blankTraits(), filter_indices: 1 };
const B: QuestionControls = { ...A, filter_indices: 2 };

const map = (seq: number, asked: QuestionControls, final = true) =>
	({ kind: "map", pane: "explain", seq, asked, final }) as Heatmap;
const computing = (seq: number, asked: QuestionControls): Answer => ({
	kind: "computing",
	pane: "explain",
	seq,
	asked,
});
const stopped = (seq: number, text = ""): Answer => ({ kind: "stopped", pane: "explain", seq, text });
const failure = (seq: number | null, asked: QuestionControls | null, about = "question"): Answer =>
	({ kind: "error", pane: "explain", seq, asked, about, text: "no" }) as Answer;

function heard(now: QuestionControls, ...messages: Answer[]): Answers {
	return messages.reduce((answers, message) => withAnswer(answers, message, now), NO_ANSWERS);
}

describe("the state of the stage", () => {
	it.each<[string, QuestionControls, Answer[], string]>([
		["nothing was heard", A, [], "computing"],
		["the map answers the question", A, [map(1, A)], "fresh"],
		["a partial map answers it", A, [map(1, A, false)], "fresh"],
		["the control moved on", B, [map(1, A)], "computing"],
		["a new question was taken up", B, [map(1, A), computing(2, B)], "computing"],
		["and answered", B, [map(1, A), computing(2, B), map(2, B)], "fresh"],
		["the person came back to an answered question", A, [map(1, A), computing(2, B)], "fresh"],
		["the same question is computed again", A, [map(1, A), computing(2, A)], "computing"],
		["and answered again", A, [map(1, A), computing(2, A), map(2, A)], "fresh"],
		["the question failed", B, [map(1, A), computing(2, B), failure(2, B)], "error"],
		["a question that failed was left", A, [map(1, A), computing(2, B), failure(2, B)], "fresh"],
		["an older question failed", B, [computing(2, A), computing(3, B), failure(2, A), map(3, B)], "fresh"],
		["an older question failed late", B, [computing(3, B), failure(2, B)], "computing"],
		["an upload failed", A, [map(1, A), failure(null, null, "upload")], "fresh"],
		["the failed question was asked once more", B, [failure(2, B), computing(3, B)], "computing"],
		["and then answered", B, [failure(2, B), computing(3, B), map(3, B)], "fresh"],
		["it was stopped before a map", A, [computing(1, A), stopped(1)], "stale"],
		["it was stopped after a partial map", A, [computing(1, A), map(1, A, false), stopped(1)], "stale"],
		["it was stopped when all was done", A, [map(1, A), stopped(1)], "fresh"],
		["the weights have changed since", A, [map(1, A), stopped(1, "The weights have changed.")], "stale"],
		["it is asked again", A, [map(1, A), stopped(1, "Changed."), computing(2, A)], "computing"],
		["it was asked again", A, [map(1, A), stopped(1, "Changed."), map(2, A)], "fresh"],
	])("when %s", (_, now, messages, state) => {
		expect(stageState(heard(now, ...messages), now)).toBe(state);
	});

	it("is computing when a control moves after Stop", () => {
		expect(stageState(heard(A, computing(1, A), stopped(1)), B)).toBe("computing");
	});
});

describe("maps", () => {
	it("of an older question are dropped", () => {
		expect(heard(B, map(3, B), map(2, A)).map?.seq).toBe(3);
	});

	it("of the same question replace each other", () => {
		const better = map(1, A);
		expect(heard(A, map(1, A, false), better).map).toBe(better);
	});

	it("stay when a question fails", () => {
		expect(heard(B, map(1, A), failure(2, B)).map?.seq).toBe(1);
	});
});
