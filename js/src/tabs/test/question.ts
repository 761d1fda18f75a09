// What an intervention answers: a region, what covers it, and the part of the question that moves its numbers. Pure.

import { deepEqual } from "../../kernel/question";
import type { QuestionControls } from "../../kernel/traits";
import type { Intervention } from "./protocol";

/** How a map is made (method, modifiers, options) is no part of it. */
const TESTED = [
	"layer_idx",
	"filter_indices",
	"versus",
	"cell",
	"aim",
	"target",
	"score",
	"image_idx",
	"input_idx",
	"seed",
] as const;

export type Asked = Pick<QuestionControls, (typeof TESTED)[number]>;

export interface Wanted {
	region: number;
	replace: string;
	keep: boolean;
	asked: Asked;
}

export function askedOf(read: (name: (typeof TESTED)[number]) => unknown): Asked {
	return Object.fromEntries(TESTED.map((name) => [name, read(name)])) as unknown as Asked;
}

export interface Answer {
	message: Intervention;
	asked: Asked;
}

/** The answer is of what is wanted now. */
export function answers(answer: Answer | null, wanted: Wanted): boolean {
	return shows(answer, wanted) && deepEqual(answer?.asked, wanted.asked);
}

/** The answer's picture is the one that is wanted now, whatever is asked about it. */
export function shows(answer: Answer | null, { region, replace, keep, asked }: Wanted): boolean {
	if (!answer) return false;
	const { message } = answer;
	const sameImage = answer.asked.image_idx === asked.image_idx && answer.asked.input_idx === asked.input_idx;
	return sameImage && message.region === region && message.replace === replace && message.keep === keep;
}
