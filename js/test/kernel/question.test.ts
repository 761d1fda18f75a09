import { expect, it } from "vitest";
import { deepEqual, sameQuestion } from "../../src/kernel/question";
import { blankTraits, type QuestionControls } from "../../src/kernel/traits";

it.each([
	[1, 1, true],
	[1, "1", false],
	[null, undefined, false],
	[null, {}, false],
	[[3, 5], [3, 5], true],
	[[3, 5], [5, 3], false],
	[[], {}, false],
	[{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
	[{ a: 1 }, { a: 1, b: 2 }, false],
	[{ a: undefined }, { b: undefined }, false],
	[20, [20], false],
])("deepEqual(%j, %j) is %s", (a, b, equal) => {
	expect(deepEqual(a, b)).toBe(equal);
});

it("compares what decides the answer, and nothing else", () => {
	const question: QuestionControls = blankTraits();
	const other = { ...blankTraits(), opacity: 0.1, colormap: "gray", charts: false };
	expect(sameQuestion(question, other)).toBe(true);
	expect(sameQuestion(question, { ...question, options: { patch: 8 } })).toBe(false);
	expect(sameQuestion(question, { ...question, backprop_modifier: "guided" })).toBe(false);
});
