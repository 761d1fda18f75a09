// Which answer a pane shows and whether it answers the question that the controls ask now. Pure.

import type { Answer, Computing, Failure, Heatmap } from "../kernel/protocol";
import { sameQuestion } from "../kernel/question";
import type { QuestionControls } from "../kernel/traits";

export type StageState = "computing" | "fresh" | "stale" | "error";

export interface Answers {
	/** The highest number of a question that a message was about. */
	newest: number;
	map: Heatmap | null;
	computing: Computing | null;
	failure: Failure | null;
	stopped: { seq: number; text: string; asked: QuestionControls } | null;
}

export const NO_ANSWERS: Answers = { newest: -1, map: null, computing: null, failure: null, stopped: null };

/** The answers after one more message; `now` is the question that the controls ask as it arrives. */
export function withAnswer(answers: Answers, message: Answer, now: QuestionControls): Answers {
	switch (message.kind) {
		case "map":
			// Frames are numbered by question: one of an older question is late and would take the stage back in time.
			if (answers.map && message.seq < answers.map.seq) return answers;
			return { ...answers, newest: Math.max(answers.newest, message.seq), map: message };
		case "computing":
			return { ...answers, newest: Math.max(answers.newest, message.seq), computing: message };
		case "stopped": {
			const { seq, text } = message;
			const stopped = { seq, text, asked: now };
			return { ...answers, newest: Math.max(answers.newest, message.seq), stopped };
		}
		case "error":
			if (message.seq === null) return answers;
			return { ...answers, newest: Math.max(answers.newest, message.seq), failure: message };
	}
}

export function stageState({ newest, map, computing, failure, stopped }: Answers, now: QuestionControls): StageState {
	if (failure?.seq === newest && (failure.asked === null || sameQuestion(failure.asked, now))) return "error";
	const halted = stopped?.seq === newest && sameQuestion(stopped.asked, now);
	if (map && sameQuestion(map.asked, now)) {
		// The same question asked again (the model was trained on): an answer is on its way.
		const again = computing && computing.seq > map.seq && sameQuestion(computing.asked, now);
		if (!again) return halted && (stopped.text || !map.final) ? "stale" : "fresh";
	}
	return halted ? "stale" : "computing";
}
