// The state of one view: the model's traits and the kernel's messages as signals, and everything that a person can do.

import { batch, computed, effect, signal } from "@preact/signals";
import { bindTraits, type ExplorerModel } from "../kernel/bind";
import {
	type Failure,
	type Heatmap,
	isOfDreams,
	type Picked,
	readMessage,
	type Scores,
	type ToKernel,
} from "../kernel/protocol";
import { deepEqual } from "../kernel/question";
import { type Controls, LOOK_NAMES, type Look, QUESTION_NAMES, type Question, type Tab } from "../kernel/traits";
import { KernelWatch } from "../kernel/watch";
import { type Answers, hear, NO_ANSWERS, stageState } from "../stage/answers";
import { fittingColormap } from "../stage/colormaps";
import { emptinessOf, scaleOf } from "../stage/paint";
import { sceneOf } from "../stage/scene";
import { type Thumbnail, withThumbnails } from "../stage/thumbnails";
import { dreamsOf } from "../tabs/dream/dreams";
import { withScores } from "../target/scores";
import { targetOf } from "../target/target";
import { formatMilliseconds } from "../text/format";
import { ThemeWatch } from "./theme";
import { uploadProblem } from "./upload";

/** An answer that comes within this time replaces the old map without a flicker of "stale". */
export const LATE_MS = 150;

/** A look that has not been touched for this long is told to Python: a hand at rest, or arrow keys let go. */
export const REST_MS = 300;

/** No control has this value. */
const UNSAID = -1;

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export type Store = ReturnType<typeof openStore>;

export function openStore(model: ExplorerModel, el: HTMLElement) {
	const [traits, unbind] = bindTraits(model);
	const kernel = new KernelWatch(el, hello);
	const theme = new ThemeWatch(el);
	const answers = signal<Answers>(NO_ANSWERS);
	const scoresOf = signal<ReadonlyMap<number, Scores>>(new Map());
	/** By layer index; they come a few layers at a time. */
	const thumbnails = signal<ReadonlyMap<number, Thumbnail>>(new Map());
	const failure = signal<Pick<Failure, "text"> | null>(null);
	/** The last click in a chart. */
	const picked = signal<Picked | null>(null);
	/** A notice of the page itself. */
	const said = signal("");
	/** Of the view in the page, in CSS pixels; 0 while it is not there. */
	const width = signal(0);
	/** Of the layers' list, as a hand has dragged it; 0 is its own. */
	const rail = signal(0);
	const helpOpen = signal(false);
	/** Controls that are seldom used show too. */
	const unfolded = signal(false);
	/** The state has not been fresh for so long that the person should see it. */
	const late = signal(false);
	let rest: ReturnType<typeof setTimeout> | undefined;

	const question = computed<Question>(
		() => Object.fromEntries(QUESTION_NAMES.map((name) => [name, traits[name].value])) as unknown as Question,
	);
	const map = computed(() => answers.value.map);
	const scale = computed(() => map.value && scaleOf(map.value.values, map.value.signed, map.value.top));
	const target = targetOf(traits, scoresOf);
	const scene = sceneOf(traits, map);
	const alive = computed(() => kernel.absence.value === "");
	const dreams = dreamsOf({ traits, target, scene, alive, send });
	/** Layer, filters and the rest decide what is explained: somebody answers, and Python has not named a target. */
	const steerable = computed(() => alive.value && traits.target.value === "");
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
	const colors = computed(() => fittingColormap(traits.colormap.value, map.value?.signed ?? false, theme.dark.value));
	const method = computed(() => traits.methods.value.find(({ name }) => name === traits.method.value));
	/** Why a layer can't be the target of the method, by layer index; a dream can be of any. */
	const unusable = computed(() => new Map(traits.tab.value === "explain" ? method.value?.unusable : []));
	/** The target in words: the kernel's once the map is there, until then ours. */
	const words = computed(() => (state.value === "fresh" ? (map.value?.target ?? "") : target.words.value));
	/** What a screen reader says when an answer is there. */
	const announcement = computed(() => {
		if (state.value !== "fresh") return late.value ? state.value : "";
		const { target, ms, final } = map.value as Heatmap;
		const words = [`${method.value?.title ?? ""} of ${target}`, emptinessOf(scale.value), formatMilliseconds(ms)];
		return final ? words.filter(Boolean).join(", ") : "";
	});

	/** Say hello; the kernel replies with all that is there to see. */
	function start(): void {
		look();
		hello();
	}

	function hello(): void {
		send({ kind: "ready", loopback: LOOPBACK.includes(location.hostname) });
	}

	/** Look at the page around the view. */
	function look(): void {
		kernel.observe();
		theme.look();
		width.value = el.clientWidth;
	}

	/** Move controls: several at once are one message, one question. */
	function ask(changes: Partial<Controls>): void {
		if (!alive.value) return;
		batch(() => {
			for (const [name, value] of Object.entries(changes)) {
				traits[name as keyof Controls].value = value as never;
				// A value that stands there already is not sent, and Python would go back to the one it knows of the layer.
				if (changes.layer_idx !== undefined) model.set(name as keyof Controls, UNSAID as never);
				model.set(name as keyof Controls, value as never);
			}
			failure.value = null;
			said.value = "";
		});
		model.save_changes();
		if (state.value === "computing") kernel.asked();
	}

	/** Change how the map looks, here only. */
	function recolour(changes: Partial<Look>): void {
		clearTimeout(rest);
		batch(() => {
			for (const [name, value] of Object.entries(changes)) traits[name as keyof Look].value = value as never;
		});
	}

	/** Let Python's traits follow once the slider is released and stays so: one message, long after the repaint. */
	function settle(): void {
		clearTimeout(rest);
		rest = setTimeout(tellLook, REST_MS);
	}

	function tellLook(): void {
		clearTimeout(rest);
		if (!alive.value) return;
		const moved = ([...LOOK_NAMES, "seen"] as const).filter((name) => !deepEqual(model.get(name), traits[name].value));
		for (const name of moved) model.set(name, traits[name].value);
		if (moved.length) model.save_changes();
	}

	/** Go to a tab; a dream can be looked at without a kernel too. */
	function show(tab: Tab): void {
		recolour({ tab });
		tellLook();
	}

	function stop(): void {
		if (running.value) send({ kind: "stop" });
	}

	function again(): void {
		send({ kind: "again" });
	}

	async function copy(text: string): Promise<void> {
		try {
			await navigator.clipboard.writeText(text);
			said.value = "Copied.";
		} catch {
			// No permission, or a page without TLS: show it, to be copied by hand.
			said.value = text;
		}
	}

	async function upload(file: File): Promise<void> {
		if (!alive.value) return;
		const problem = uploadProblem(file, traits.limits.value.upload_bytes, scene.space.value);
		if (problem) {
			failure.value = { text: problem };
			return;
		}
		try {
			const bytes = await file.arrayBuffer();
			failure.value = null;
			send({ kind: "upload", name: file.name }, [bytes]);
		} catch {
			failure.value = { text: `${file.name} could not be read.` };
		}
	}

	function send(message: ToKernel, buffers?: ArrayBuffer[]): void {
		// That a frame was painted is no question: after the last one nothing comes.
		if (message.kind !== "dream_painted") kernel.asked();
		try {
			model.send(message, undefined, buffers);
		} catch {
			// "Cannot send": the comm is closed.
			kernel.doubt();
		}
	}

	function receive(content: unknown, buffers: DataView[]): void {
		const message = readMessage(content, buffers);
		if (!message) return;
		batch(() => {
			kernel.heard();
			answers.value = hear(answers.value, message, question.value);
			if (message.kind === "picture" || message.kind === "signal") scene.show(message);
			if (message.kind === "scores") scoresOf.value = withScores(scoresOf.value, message);
			if (message.kind === "thumbnails") thumbnails.value = withThumbnails(thumbnails.value, message);
			if (message.kind === "error" && message.about === "dream") dreams.fail(message.text);
			else if (message.kind === "error") failure.value = message;
			if (message.kind === "picked") picked.value = message;
			if (isOfDreams(message)) dreams.receive(message);
			if (message.kind === "map" && message === map.value) {
				failure.value = null;
				scene.found(message);
			}
		});
		if (running.value || dreams.state.value === "running") kernel.asked();
	}

	function doubt(): void {
		kernel.doubt();
		hello();
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

	model.on("msg:custom", receive);
	model.on("comm_live_update", doubt);
	const patient = effect(watchLateness);
	const unfollow = traits.seen.subscribe((seen) =>
		batch(() => {
			scene.follow(seen);
			rail.value = seen.rail;
		}),
	);
	/** Python's picture, and a view that is opened later, are to show what shows here. */
	const unlead = effect(() => {
		const seen = { ...scene.seen.value, dark: theme.dark.value, rail: rail.value };
		if (deepEqual(seen, traits.seen.peek())) return;
		traits.seen.value = seen;
		settle();
	});
	// What is said of the layers of one network says nothing of another's.
	const forget = traits.network.subscribe(() => {
		thumbnails.value = new Map();
		scoresOf.value = new Map();
	});
	function dispose(): void {
		clearTimeout(rest);
		unbind();
		model.off("msg:custom", receive);
		model.off("comm_live_update", doubt);
		patient();
		unfollow();
		unlead();
		forget();
		dreams.dispose();
		kernel.dispose();
		theme.dispose();
	}

	const why = computed(() => (state.value === "stale" && answers.value.stopped?.text) || "");
	const heard = {
		map,
		scale,
		state,
		progress,
		running,
		colors,
		late,
		announcement,
		thumbnails,
		failure,
		picked,
		said,
		why,
	};
	const asked = { traits, target, scene, question, method, unusable, words, alive, steerable, dreams };
	const page = { kernel, theme, width, rail, helpOpen, unfolded };
	return { ...heard, ...asked, ...page, start, look, ask, recolour, settle, show, stop, again, copy, upload, dispose };
}
