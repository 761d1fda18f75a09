// The state of the Dream tab, and everything that a person can do there.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { Surroundings } from "../../state/tab";
import { saveFile } from "../../view/download";
import { type Moment, momentAt, NO_FILM } from "./film";
import type { DreamCard, DreamSettings, DreamToKernel, DreamToPage, ExportFormat, Frame } from "./protocol";
import { activeOf, type DreamQueue, EMPTY_QUEUE, withMessage } from "./queue";
import { declaredOnly, withSetting } from "./settings";

export type DreamsState = ReturnType<typeof openDreams>;

export function openDreams({ traits, target, input, alive, request, notify }: Surroundings) {
	const tell: (message: DreamToKernel) => void = request;
	const acknowledge: (message: DreamToKernel) => void = notify;
	const queue = signal<DreamQueue>(EMPTY_QUEUE);
	const failure = signal<{ text: string } | null>(null);
	const settings = signal<DreamSettings>({});
	/** Groups of settings that show besides the first. */
	const unfolded = signal<readonly string[]>([]);
	/** Asked for, and the kernel has sent nothing about it yet. */
	const starting = signal(false);
	const exporting = signal<ExportFormat | null>(null);
	/** The moment that the scrubber stands at; null is the end, which moves on. */
	const held = signal<Moment | null>(null);
	const opened = signal<{ id: number; place: number } | null>(null);
	const newestCard = signal<DreamCard | null>(null);
	/** The frame that the kernel waits for to be painted. */
	let owed: Frame | null = null;

	const dream = computed(() => queue.value.shown?.dream ?? null);
	const film = computed(() => queue.value.shown?.film ?? NO_FILM);
	const newest = computed(() => film.value.moments.at(-1) ?? null);
	const moment = computed(() => held.value ?? newest.value);
	const active = computed(() => activeOf(queue.value));
	const waiting = computed(() => queue.value.coming.filter(({ state }) => state === "queued"));
	/** Dreams that were paused and have lost the stage to another. */
	const aside = computed(() => (dream.value ? queue.value.coming.filter(({ state }) => state === "paused") : []));
	/** What is spoken of under the stage. */
	const current = computed(() => active.value ?? dream.value);
	/** The state of what is on the stage; with nothing there, of what should be. */
	const state = computed(() => (dream.value ?? queue.value.coming.at(-1))?.state ?? "");
	const step = computed(() => {
		if (!current.value) return 0;
		if (current.value.id !== dream.value?.id) return current.value.step;
		return held.value?.step ?? Math.max(current.value.step, newest.value?.step ?? 0);
	});
	/** The share that is done while it goes on; null when nothing does. */
	const progress = computed(() => {
		if (!active.value || !alive.value) return null;
		const { form, id, steps, titles } = active.value;
		const now = id === dream.value?.id ? newest.value : null;
		const share = Math.min(1, (now?.step ?? active.value.step) / Math.max(1, steps));
		if (form === "single") return share;
		return now ? Math.min(1, (now.offset + now.count * share) / Math.max(1, titles.length)) : 0;
	});
	const at = computed(() => (held.value ? momentAt(film.value, held.value.step) : film.value.moments.length - 1));
	const card = computed(() => (opened.value && opened.value.id === dream.value?.id ? opened.value : null));
	const cardFound = computed(() => {
		const found = newestCard.value;
		return found && found.id === card.value?.id && found.place === card.value.place ? found : null;
	});
	/** What the next dream is of, in words. */
	const words = computed(() =>
		settings.value.goal === "layer" ? `all of ${target.layer.value?.name ?? ""}` : target.words.value,
	);
	/** What a screen reader says: states only, never each step. */
	const announcement = computed(() => {
		const now = current.value;
		if (!now) return "";
		return `dream of ${now.form === "grid" ? `${now.titles.length} filters` : now.titles.join(", ")}: ${now.state}`;
	});

	function start(kind: "dream_start" | "dream_filters"): void {
		if (!alive.value || traits.dream_refusal.value) return;
		batch(() => {
			failure.value = null;
			starting.value = true;
			held.value = null;
		});
		tell({ kind, settings: declaredOnly(settings.value, traits.dream_settings.value) });
	}
	/** Pause what runs, or let it go on. */
	function toggle(): void {
		const { id, state } = active.value ?? {};
		if (id === undefined || state === "queued" || !alive.value) return;
		tell({ kind: state === "running" ? "dream_pause" : "dream_resume", id });
	}
	/** Stop what runs; with nothing running, what waits for its turn. */
	function stop(): void {
		const { id } = active.value ?? waiting.value[0] ?? {};
		if (id !== undefined && alive.value) tell({ kind: "dream_stop", id });
	}
	/** Go on with the dream that was paused last and is not on the stage. */
	function recall(): void {
		const last = aside.value.at(-1);
		if (last && alive.value) tell({ kind: "dream_resume", id: last.id });
	}
	/** Take the last one that waits out of the queue. */
	function unqueue(): void {
		const last = waiting.value.at(-1);
		if (last && alive.value) tell({ kind: "dream_stop", id: last.id });
	}
	/** It can have more steps: a grid only goes on where it was stopped. */
	const extensible = computed(() => {
		const { form, state } = dream.value ?? {};
		return state === "stopped" || (state === "done" && form === "single");
	});
	function more(): void {
		if (!dream.value || !extensible.value || !alive.value) return;
		batch(() => {
			failure.value = null;
			held.value = null;
		});
		tell({ kind: "dream_more", id: dream.value.id });
	}
	function exportAs(format: ExportFormat): void {
		if (!dream.value || !alive.value) return;
		exporting.value = format;
		tell({ kind: "dream_export", id: dream.value.id, format });
	}
	function scrub(index: number): void {
		const { moments } = film.value;
		held.value = index >= moments.length - 1 ? null : (moments[Math.max(0, index)] ?? null);
	}
	function openCard(place: number): void {
		if (!dream.value) return;
		opened.value = { id: dream.value.id, place };
		askCard();
	}
	function askCard(): void {
		if (card.value && alive.value) tell({ kind: "dream_card", ...card.value });
	}
	function closeCard(): void {
		opened.value = null;
	}
	function set(setting: Parameters<typeof withSetting>[1], value: unknown): void {
		settings.value = withSetting(settings.value, setting, value);
	}

	function receive(message: DreamToPage): void {
		if (message.kind === "dream_card") newestCard.value = message;
		if (message.kind === "dream_file") {
			// Another view of the same widget gets it too: only the one that has asked saves it.
			if (exporting.value) saveFile(message);
			exporting.value = null;
		}
		if (message.kind === "dream") {
			starting.value = false;
			if (message.state === "failed") failure.value = { text: message.text };
		}
		if (message.kind !== "dream" && message.kind !== "frame") return;
		const before = dream.value?.id;
		const news = withMessage(queue.value, message);
		const changed = news !== queue.value;
		queue.value = news;
		if (dream.value?.id !== before) held.value = null;
		if (message.kind !== "frame") return;
		owed = message;
		// What nobody looks at is not painted, but the dream goes on.
		if (!changed || traits.tab.value !== "dream" || document.hidden) painted();
	}
	function fail(text: string): void {
		batch(() => {
			failure.value = { text };
			starting.value = false;
			exporting.value = null;
		});
	}
	/** Say that the newest frame was painted, so that the kernel sends the next. */
	function painted(): void {
		if (owed) acknowledge({ kind: "dream_painted", id: owed.id, step: owed.step });
		owed = null;
	}

	// A page that is no longer seen paints no more frames.
	const hide = () => {
		if (document.hidden) painted();
	};
	document.addEventListener("visibilitychange", hide);
	const leave = effect(() => {
		if (traits.tab.value !== "dream") painted();
	});
	// The map and the patches of the card are of the image that is chosen.
	const renew = effect(() => {
		void input.input.value;
		untracked(askCard);
	});
	function dispose(): void {
		document.removeEventListener("visibilitychange", hide);
		leave();
		renew();
	}

	const python = computed(() => current.value?.python ?? "");
	const running = computed(() => state.value === "running");
	const keys = {
		Escape: stop,
		" ": ({ repeat }: KeyboardEvent) => {
			if (!repeat) toggle();
		},
	};
	const tab = { announcement, python, keys, running, receive, fail, dispose };
	const status = { dream, film, moment, active, waiting, aside, current, state, step, progress, failure };
	const shown = { at, held, card, cardFound, words, settings, unfolded, starting, exporting, extensible };
	const acts = { start, toggle, stop, recall, unqueue, more, exportAs, scrub, openCard, closeCard, set };
	return { ...tab, ...status, ...shown, ...acts, painted };
}
