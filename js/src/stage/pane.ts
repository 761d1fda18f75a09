// One place that shows answers to one question: its newest map, and the state of the answer, as signals.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { TraitSignals } from "../kernel/bind";
import type { Answer, ToKernel } from "../kernel/protocol";
import { sameQuestion } from "../kernel/question";
import type { QuestionControls } from "../kernel/traits";
import { formatMilliseconds } from "../text/format";
import { type Answers, NO_ANSWERS, stageState, withAnswer } from "./answers";
import { fittingColormap } from "./colormaps";
import type { ShownInput } from "./input";
import { emptinessOf, scaleOf } from "./paint";
import { sceneOf } from "./scene";

/** An answer that comes within this time replaces the old map without a flicker of "stale". */
export const LATE_MS = 150;

interface Surroundings {
	traits: Pick<TraitSignals, "methods" | "colormap" | "opacity" | "threshold">;
	/** What the controls ask now. */
	question: ReadonlySignal<QuestionControls>;
	input: ShownInput;
	alive: ReadonlySignal<boolean>;
	dark: ReadonlySignal<boolean>;
	request: (message: ToKernel) => void;
}

export type Pane = ReturnType<typeof paneOf>;

export function paneOf(name: string, { traits, question, input, alive, dark, request }: Surroundings) {
	const answers = signal<Answers>(NO_ANSWERS);
	/** Why the newest question has no answer, until a control moves. */
	const failure = signal<{ text: string } | null>(null);
	/** The state has not been fresh for so long that the person should see it. */
	const late = signal(false);

	const map = computed(() => answers.value.map);
	const scale = computed(() => map.value && scaleOf(map.value.values, map.value.signed, map.value.top));
	const scene = sceneOf(input, traits.methods, map);
	const colors = computed(() => fittingColormap(traits.colormap.value, map.value?.signed ?? false, dark.value));
	const state = computed(() => {
		const now = stageState(answers.value, question.value);
		return now === "computing" && !alive.value ? "stale" : now;
	});
	/** The share of the work that is done while it goes on; null when no better map is under way. */
	const progress = computed(() =>
		alive.value && map.value && state.value === "fresh" && !map.value.final ? map.value.progress : null,
	);
	/** The kernel works on this question, or on a better answer to it. */
	const running = computed(() => state.value === "computing" || progress.value !== null);
	/** Why the map is stale, where that is not the person's doing. */
	const why = computed(() => (state.value === "stale" && answers.value.stopped?.text) || "");
	/** The map is of the question that the controls ask, if only of a part of the work. */
	const current = computed(() => map.value !== null && sameQuestion(map.value.asked, question.value));
	/** What a screen reader says when an answer is there. */
	const announcement = computed(() => {
		if (state.value !== "fresh" || !map.value) return late.value ? state.value : "";
		const { target, ms, final, method } = map.value;
		const title = traits.methods.value.find((one) => one.name === method)?.title ?? "";
		const words = [`${title} of ${target}`, emptinessOf(scale.value), formatMilliseconds(ms)];
		return final ? words.filter(Boolean).join(", ") : "";
	});

	/** Take a message about this pane's question; says whether it brought the map that shows now. */
	function receive(message: Answer): boolean {
		answers.value = withAnswer(answers.value, message, question.value);
		if (message.kind === "error") failure.value = message;
		if (message !== answers.value.map) return false;
		failure.value = null;
		input.found(message);
		return true;
	}
	function stop(): void {
		if (running.value) request({ kind: "stop", pane: name });
	}
	/** Ask the question that was stopped once more. */
	function again(): void {
		request({ kind: "again", pane: name });
	}

	function watchLateness(): undefined | (() => void) {
		if (state.value !== "computing") {
			late.value = state.value !== "fresh";
			return;
		}
		const timer = setTimeout(() => {
			late.value = true;
		}, LATE_MS);
		return () => clearTimeout(timer);
	}
	const dispose = effect(watchLateness);

	const { opacity, threshold } = traits;
	const painted = { map, scale, scene, colors, opacity, threshold, state };
	const status = { name, answers, current, progress, running, late, failure, why, announcement };
	return { ...painted, ...status, receive, stop, again, dispose };
}
