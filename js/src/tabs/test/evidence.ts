// The state of the Test tab, and everything that a person can do there.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { deepEqual } from "../../kernel/question";
import { LATE_MS } from "../../stage/pane";
import type { Pixels } from "../../stage/pixels";
import { fromWire } from "../../stage/region/mask";
import type { Surroundings } from "../../state/tab";
import { draftOf } from "./edit";
import { type End, type Ends, endOf, withEnd } from "./ends";
import { NEW, OLD } from "./panes";
import type { Draft, Previews, Swaps, TestToKernel, TestToPage } from "./protocol";
import { type Answer, answers, askedOf, shows, type Wanted } from "./question";

/** What the right picture shows. */
export const VIEWS = ["covered", "its map", "old map"] as const;
export type View = (typeof VIEWS)[number];

export type EvidenceState = ReturnType<typeof openEvidence>;

export function openEvidence({ traits, input, region, alive, pane, request }: Surroundings) {
	const tell: (message: TestToKernel) => void = request;
	const [before, after] = [pane(OLD), pane(NEW)];
	const view = signal<View>("covered");
	const draft = signal<Draft | null>(null);
	const answer = signal<Answer | null>(null);
	const previews = signal<Previews | null>(null);
	const swaps = signal<Swaps | null>(null);
	const swapping = signal(false);
	const failure = signal<{ text: string } | null>(null);
	/** What was stopped, or has failed: it has no better answer to wait for. */
	const ended = signal<Wanted | null>(null);
	/** The numbers have not been those of the region for so long that the person should see it. */
	const late = signal(false);
	const ends = signal<Ends | null>(null);

	const wanted = computed<Wanted>(() => ({
		region: region.token.value,
		replace: traits.replace.value,
		keep: traits.keep.value,
		asked: askedOf((name) => traits[name].value),
	}));
	/** Something is covered. */
	const covers = computed(() => wanted.value.region !== 0);
	const fresh = computed(() => covers.value && answers(answer.value, wanted.value));
	const failed = computed(() => failure.value !== null || after.state.value === "error");
	const halted = computed(() => ended.value !== null && deepEqual(ended.value, wanted.value));
	const testing = computed(
		() =>
			alive.value && covers.value && !halted.value && !failed.value && !(fresh.value && answer.value?.message.final),
	);
	/** The numbers that show; of the newest answer, also while a newer one is awaited. */
	const shown = computed(() => (covers.value ? (answer.value?.message ?? null) : null));
	/** How far the controls are; null when no more is on its way. */
	const progress = computed(() => (testing.value && fresh.value ? (answer.value?.message.progress ?? 0) : null));
	/** Regions are of images. */
	const picture = computed<Pixels | null>(() => {
		const now = input.picture.value;
		if (now?.shape.length !== 3) return null;
		const [height = 1, width = 1] = now.shape;
		return { rgb: now.rgb, height, width };
	});
	/** The kernel's edited image is there, not only the page's draft of it. */
	const exact = computed(() => covers.value && shows(answer.value, wanted.value));
	const edited = computed<Pixels | null>(() => {
		const [image, mask] = [picture.value, region.mask.value];
		if (!image || !mask || !covers.value || mask.height !== image.height || mask.width !== image.width) return null;
		if (exact.value && answer.value) {
			const { rgb, size } = answer.value.message;
			return { rgb, height: size[0] as number, width: size[1] as number };
		}
		return draftOf(image, mask, traits.replace.value, traits.keep.value, blurred.value);
	});
	const blurred = computed(() => {
		const [now, blur] = [input.picture.value, draft.value];
		const same = blur && now?.image_idx === blur.image_idx && now.input_idx === blur.input_idx;
		return same && blur.rgb.length === now.rgb.length ? blur.rgb : null;
	});
	/** The small pictures of this very region. */
	const pictured = computed(() => covers.value && previews.value?.region === wanted.value.region);
	const swapped = computed(() => covers.value && swaps.value?.region === wanted.value.region);

	function flip(): void {
		view.value = view.value === "its map" ? "old map" : "its map";
	}
	function stop(): void {
		const covering = testing.value;
		if (covering) ended.value = wanted.value;
		if (covering && !after.running.value) tell({ kind: "stop", pane: NEW });
		after.stop();
		before.stop();
		stopSwap();
	}
	/** Ask what was stopped once more. */
	function again(): void {
		batch(() => {
			ended.value = null;
			failure.value = null;
		});
		tell({ kind: "again", pane: NEW });
	}
	function swap(): void {
		if (!alive.value || !covers.value || swapping.value) return;
		batch(() => {
			swapping.value = true;
			failure.value = null;
		});
		tell({ kind: "swap" });
	}
	function stopSwap(): void {
		if (!swapping.value) return;
		swapping.value = false;
		tell({ kind: "stop swap" });
	}

	function receive(message: TestToPage): void {
		if (message.kind === "draft") draft.value = message;
		if (message.kind === "previews") previews.value = message;
		if (message.kind === "patch") {
			const { bits, size } = message;
			region.patch.value = size && bits ? fromWire({ size, bits }) : null;
		}
		if (message.kind === "swaps") {
			swaps.value = message;
			// One of an older region, or that was on its way as Stop was pressed, brings nothing back.
			if (message.final && swapped.value) swapping.value = false;
		}
		if (message.kind !== "intervention") return;
		// The kernel says first what it takes up; after a reload of the page, the last answer comes without.
		const taken = after.answers.peek().computing?.asked;
		const asked = askedOf((name) => (taken ? taken[name] : traits[name].peek()));
		const next = { message, asked };
		// One that is late must not take the place of the answer that is wanted.
		if (fresh.value && !answers(next, wanted.value)) return;
		answer.value = next;
		if (answers(next, wanted.value)) failure.value = null;
	}
	function fail(text: string): void {
		batch(() => {
			failure.value = { text };
			ended.value = wanted.value;
			swapping.value = false;
		});
	}

	const watchLateness = effect(() => {
		if (!covers.value || fresh.value) {
			late.value = false;
			return;
		}
		const timer = setTimeout(() => {
			late.value = true;
		}, LATE_MS);
		return () => clearTimeout(timer);
	});
	// An error is about what was asked; backgrounds are of the region that was the object.
	const forget = effect(() => {
		void wanted.value;
		untracked(() => {
			if (!halted.value) failure.value = null;
		});
	});
	const leave = effect(() => {
		void region.token.value;
		untracked(stopSwap);
	});
	const compare = effect(() => {
		const [now, map, mask] = [answer.value, before.map.value, region.mask.peek()];
		if (!now || !fresh.value || !map || !mask || !before.current.value) return;
		const percent = region.percent.peek();
		const end: End | null = endOf(map, mask, percent);
		if (end) ends.value = untracked(() => withEnd(ends.value, end, now, map.query, percent));
	});
	function dispose(): void {
		for (const end of [watchLateness, forget, leave, compare]) end();
	}

	/** What a screen reader says besides the verdict, which speaks for itself. */
	const announcement = computed(() => {
		if (swapped.value && swaps.value?.final) return swaps.value.sentence;
		return after.announcement.value && `${covers.value ? "of the edited image: " : ""}${after.announcement.value}`;
	});
	const python = computed(() => traits.python.value.test);
	const running = computed(() => testing.value || swapping.value);
	const keys = {
		Escape: stop,
		f: flip,
		" ": () => {
			input.peeking.value = true;
		},
	};
	const tab = { announcement, python, keys, running, receive, fail, dispose };
	const status = {
		wanted,
		covers,
		fresh,
		failed,
		halted,
		testing,
		shown,
		progress,
		late,
		failure,
		ends,
		before,
		after,
	};
	const pictures = { view, picture, edited, exact, previews, pictured, swaps, swapped, swapping };
	return { ...tab, ...status, ...pictures, flip, stop, again, swap, stopSwap };
}
