// Which dream is on the stage, and which are to come. Pure.

import { type Film, isNews, NO_FILM, withFrame } from "./film";
import type { Dream, Frame } from "./protocol";

export interface Dreams {
	/** The dream whose pictures are on the stage: it stays until another has some. */
	shown: { dream: Dream; film: Film } | null;
	/** Dreams that may have the stage yet, in the order in which they were asked for. */
	coming: readonly Dream[];
}

export const NO_DREAMS: Dreams = { shown: null, coming: [] };

/** The dreams after one more message; the very same when it tells nothing new. */
export function withMessage(dreams: Dreams, message: Dream | Frame): Dreams {
	return message.kind === "dream" ? withState(dreams, message) : withPicture(dreams, message);
}

/** The dream that the kernel works on, else the one on the stage, while it can go on. */
export function activeOf({ shown, coming }: Dreams): Dream | null {
	const onStage = shown ? [shown.dream] : coming.filter(({ state }) => state === "paused");
	return [...onStage, ...coming].find(({ state }) => state === "running") ?? onStage.find(isOpen) ?? null;
}

export function isOpen({ state }: Dream): boolean {
	return state === "queued" || state === "running" || state === "paused";
}

function withState(dreams: Dreams, dream: Dream): Dreams {
	const { shown, coming } = dreams;
	if (shown?.dream.id === dream.id) return { ...dreams, shown: { ...shown, dream } };
	const known = coming.some(({ id }) => id === dream.id);
	if (shown && dream.id < shown.dream.id && !known) return dreams;
	const others = coming.filter(({ id }) => id !== dream.id);
	return { ...dreams, coming: [...others, dream].sort((a, b) => a.id - b.id) };
}

function withPicture(dreams: Dreams, frame: Frame): Dreams {
	const { shown, coming } = dreams;
	if (shown?.dream.id === frame.id) {
		if (!isNews(shown.film, frame)) return dreams;
		return { ...dreams, shown: { ...shown, film: withFrame(shown.film, frame, shown.dream) } };
	}
	const dream = coming.find(({ id }) => id === frame.id);
	if (!dream) return dreams;
	const film = withFrame(NO_FILM, frame, dream);
	// A dream that is paused leaves the stage to the next one, and can have it back.
	const aside = shown && isOpen(shown.dream) ? [shown.dream] : [];
	const rest = coming.filter((one) => one !== dream && (isOpen(one) || one.id > dream.id));
	return { shown: { dream, film }, coming: [...aside, ...rest] };
}
