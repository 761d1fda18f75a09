// What was asked, compared with what the controls say now.

import { QUESTION_NAMES, type Question } from "./traits";

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

export function sameQuestion(a: Question, b: Question): boolean {
	return QUESTION_NAMES.every((name) => deepEqual(a[name], b[name]));
}
