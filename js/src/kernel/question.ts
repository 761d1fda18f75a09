// What was asked, compared with what the controls say now.

import { QUESTION_CONTROLS, type QuestionControls } from "./traits";

export function deepEqual(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	const keys = Object.keys(a);
	return (
		keys.length === Object.keys(b).length &&
		keys.every((key) => Object.hasOwn(b, key) && deepEqual((a as never)[key], (b as never)[key]))
	);
}

export function sameQuestion(a: QuestionControls, b: QuestionControls): boolean {
	return QUESTION_CONTROLS.every((name) => deepEqual(a[name], b[name]));
}
