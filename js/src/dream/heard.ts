// Which dream is on the stage, and which are to come. Pure.

import { type Film, isNews, NO_FILM, withFrame } from "./film";
import type { Dream, Frame } from "./protocol";

export interface Dreams {
	/** The dream whose pictures are on the stage: it stays until another has some. */
	shown: { dream: Dream; film: Film } | null;
	/** Dreams without a picture so far, in the order in which they were asked for. */
	coming: readonly Dream[];
}

export const NO_DREAMS: Dreams = { shown: null, coming: [] };

/** The dreams after one more message; the very same when it tells nothing new. */
export function hearDream(dreams: Dreams, message: Dream | Frame): Dreams {
	return message.kind === "dream" ? withState(dreams, message) : withPicture(dreams, message);
}

/** The dream that the kernel works on, or would but for a pause. */
export function activeOf({ shown, coming }: Dreams): Dream | null {
	return [...(shown ? [shown.dream] : []), ...coming].find(isActive) ?? null;
}

export function isActive({ state }: Dream): boolean {
	return state === "running" || state === "paused";
}

function withState(dreams: Dreams, dream: Dream): Dreams {
	const { shown, coming } = dreams;
	if (shown?.dream.id === dream.id) return { ...dreams, shown: { ...shown, dream } };
	if (shown && dream.id < shown.dream.id) return dreams;
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
	return { shown: { dream, film }, coming: coming.filter(({ id }) => id > dream.id) };
}
