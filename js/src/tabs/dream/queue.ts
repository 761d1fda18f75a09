// Which dream is on the stage, and which are to come. Pure.

import { type Film, isNews, NO_FILM, withFrame } from "./film";
import type { Dream, Frame } from "./protocol";

export interface DreamQueue {
	/** The dream whose pictures are on the stage: it stays until another has some. */
	shown: { dream: Dream; film: Film } | null;
	/** Dreams that may have the stage yet, in the order in which they were asked for. */
	coming: readonly Dream[];
}

export const EMPTY_QUEUE: DreamQueue = { shown: null, coming: [] };

/** The queue after one more message; the very same when that brings nothing new. */
export function withMessage(queue: DreamQueue, message: Dream | Frame): DreamQueue {
	return message.kind === "dream" ? withState(queue, message) : withPicture(queue, message);
}

/** The dream that the kernel works on, else the one on the stage, while it can go on. */
export function activeOf({ shown, coming }: DreamQueue): Dream | null {
	const onStage = shown ? [shown.dream] : coming.filter(({ state }) => state === "paused");
	return [...onStage, ...coming].find(({ state }) => state === "running") ?? onStage.find(isOpen) ?? null;
}

export function isOpen({ state }: Dream): boolean {
	return state === "queued" || state === "running" || state === "paused";
}

function withState(queue: DreamQueue, dream: Dream): DreamQueue {
	const { shown, coming } = queue;
	if (shown?.dream.id === dream.id) return { ...queue, shown: { ...shown, dream } };
	const known = coming.some(({ id }) => id === dream.id);
	if (shown && dream.id < shown.dream.id && !known) return queue;
	const others = coming.filter(({ id }) => id !== dream.id);
	return { ...queue, coming: [...others, dream].sort((a, b) => a.id - b.id) };
}

function withPicture(queue: DreamQueue, frame: Frame): DreamQueue {
	const { shown, coming } = queue;
	if (shown?.dream.id === frame.id) {
		if (!isNews(shown.film, frame)) return queue;
		return { ...queue, shown: { ...shown, film: withFrame(shown.film, frame, shown.dream) } };
	}
	const dream = coming.find(({ id }) => id === frame.id);
	if (!dream) return queue;
	const film = withFrame(NO_FILM, frame, dream);
	// A dream that is paused leaves the stage to the next one, and can have it back.
	const aside = shown && isOpen(shown.dream) ? [shown.dream] : [];
	const rest = coming.filter((one) => one !== dream && (isOpen(one) || one.id > dream.id));
	return { shown: { dream, film }, coming: [...aside, ...rest] };
}
