// The state of one view: the model's traits and the kernel's messages as signals, its panes and tabs, and what a person
// can do in all of them.

import { batch, computed, effect, signal } from "@preact/signals";
import { bindTraits, type ExplorerModel } from "../kernel/bind";
import { isForAll, type Picked, readerOf, type Scores, type TabMessage, type ToKernel } from "../kernel/protocol";
import { deepEqual } from "../kernel/question";
import { type Controls, QUESTION_CONTROLS, type QuestionControls } from "../kernel/traits";
import { KernelWatch } from "../kernel/watch";
import { inputOf } from "../stage/input";
import { type Pane, paneOf } from "../stage/pane";
import { regionOf } from "../stage/region/region";
import { supportsOf } from "../stage/supports";
import { type Thumbnail, withThumbnails } from "../stage/thumbnails";
import { withScores } from "../target/scores";
import { targetOf } from "../target/target";
import { appearanceOf } from "./appearance";
import type { Surroundings, Tab, TabState } from "./tab";
import { ThemeWatch } from "./theme";
import { uploadProblem } from "./upload";

/** No control has this value. */
const NO_VALUE = -1;

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export type Store = ReturnType<typeof openStore>;

export function openStore(model: ExplorerModel, el: HTMLElement, tabs: readonly [Tab, ...Tab[]]) {
	const [traits, unbind] = bindTraits(model);
	const kernel = new KernelWatch(el, hello);
	const theme = new ThemeWatch(el);
	const readMessage = readerOf(tabs);
	const scoresOf = signal<ReadonlyMap<number, Scores>>(new Map());
	/** By layer index; they come a few layers at a time. */
	const thumbnails = signal<ReadonlyMap<number, Thumbnail>>(new Map());
	/** An error that is of no pane. */
	const failure = signal<{ text: string } | null>(null);
	/** The last click in a chart. */
	const picked = signal<Picked | null>(null);
	/** A notice of the page itself. */
	const notice = signal("");
	/** Of the view in the page, in CSS pixels; 0 while it is not there. */
	const width = signal(0);
	/** Of the layers' list, as a hand has dragged it; 0 is its own. */
	const rail = signal(0);
	const helpOpen = signal(false);
	/** Controls that are seldom used show too. */
	const unfolded = signal(false);

	const question = computed<QuestionControls>(
		() =>
			Object.fromEntries(QUESTION_CONTROLS.map((name) => [name, traits[name].value])) as unknown as QuestionControls,
	);
	const alive = computed(() => kernel.absence.value === "");
	const target = targetOf(traits, scoresOf);
	const input = inputOf(traits);
	const { dark } = theme;
	const panes = new Map(
		tabs
			.flatMap((one) => one.panes)
			.map((name) => [name, paneOf(name, { traits, question, input, alive, dark, request })]),
	);
	const region = regionOf({ traits, input, ask, request, say });
	const probing = computed(() => alive.value && region.tool.value === "probe");
	const { output, scores } = target;
	const supports = supportsOf({ wanted: probing, input, output, scores, request });
	const view: Surroundings = { traits, target, input, region, alive, pane, request, notify };
	const states = new Map(tabs.map((one) => [one.open, one.open(view)]));
	const appearance = appearanceOf(model, traits, alive);

	const tab = computed(() => tabs.find(({ name }) => name === traits.tab.value) ?? tabs[0]);
	/** The panes that the kernel answers: a tab that has none leaves those of the first at work. */
	const asking = computed(() => (tab.value.panes.length > 0 ? tab.value : tabs[0]).panes.map(pane));
	const working = () =>
		asking.value.some(({ running }) => running.value) || [...states.values()].some(({ running }) => running?.value);
	const editable = computed(() => alive.value && traits.target.value === "");
	const method = computed(() => traits.methods.value.find(({ name }) => name === traits.method.value));
	/** A tab without panes asks by none: a dream can be of any layer. */
	const methodInUse = computed(() => (tab.value.panes.length > 0 ? method.value : undefined));
	const unusable = computed(() => new Map(methodInUse.value?.unusable));

	function pane(name: string): Pane {
		return panes.get(name) as Pane;
	}
	/** The state of a tab, by what opens it. */
	function stateOf<S extends TabState>(open: (view: Surroundings) => S): S {
		return states.get(open) as S;
	}

	/** Say hello; the kernel replies with all that is there to see. */
	function start(): void {
		measure();
		hello();
	}
	function hello(): void {
		request({ kind: "ready", loopback: LOOPBACK.includes(location.hostname) });
	}
	/** Look at the page around the view. */
	function measure(): void {
		kernel.observe();
		theme.update();
		width.value = el.clientWidth;
	}

	/** Move controls: several at once are one message, and all panes of the open tab wait for new answers. */
	function ask(moved: Partial<Controls>): void {
		if (!alive.value) return;
		const other = (["image_idx", "input_idx"] as const).some(
			(name) => (moved[name] ?? traits[name].peek()) !== traits[name].peek(),
		);
		// A region is of one image.
		const changes = other && traits.region.peek() ? { ...moved, region: null } : moved;
		batch(() => {
			for (const [name, value] of Object.entries(changes)) {
				traits[name as keyof Controls].value = value as never;
				// A value that stands there already is not sent, and Python would go back to the one it knows of the layer.
				if (changes.layer_idx !== undefined) model.set(name as keyof Controls, NO_VALUE as never);
				model.set(name as keyof Controls, value as never);
			}
			for (const one of asking.value) one.failure.value = null;
			failure.value = null;
			notice.value = "";
		});
		model.save_changes();
		if (asking.value.some(({ state }) => state.value === "computing")) kernel.expectAnswer();
	}

	function say(words: string): void {
		notice.value = words;
	}
	async function copy(text: string): Promise<void> {
		try {
			await navigator.clipboard.writeText(text);
			notice.value = "Copied.";
		} catch {
			// No permission, or a page without TLS: show it, to be copied by hand.
			notice.value = text;
		}
	}
	async function upload(file: File): Promise<void> {
		if (!alive.value) return;
		const problem = uploadProblem(file, traits.limits.value.upload_bytes, input.space.value);
		if (problem) {
			failure.value = { text: problem };
			return;
		}
		try {
			const bytes = await file.arrayBuffer();
			failure.value = null;
			request({ kind: "upload", name: file.name }, [bytes]);
		} catch {
			failure.value = { text: `${file.name} could not be read.` };
		}
	}

	function request(message: ToKernel | TabMessage, buffers?: ArrayBuffer[]): void {
		kernel.expectAnswer();
		notify(message, buffers);
	}
	function notify(message: ToKernel | TabMessage, buffers?: ArrayBuffer[]): void {
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
			kernel.answered();
			take(message);
		});
		if (working()) kernel.expectAnswer();
	}
	function take(message: NonNullable<ReturnType<typeof readMessage>>): void {
		if (!isForAll(message)) {
			const owner = tabs.find(({ readers }) => Object.hasOwn(readers, message.kind));
			if (owner) states.get(owner.open)?.receive?.(message);
		} else if (message.kind === "error" && message.pane === null) {
			const about = tabs.find(({ name }) => name === message.about);
			if (about) states.get(about.open)?.fail?.(message.text);
			else failure.value = message;
		} else if ("pane" in message) {
			if (panes.get(message.pane as string)?.receive(message)) failure.value = null;
		} else if (message.kind === "scores") scoresOf.value = withScores(scoresOf.value, message);
		else if (message.kind === "thumbnails") thumbnails.value = withThumbnails(thumbnails.value, message);
		else if (message.kind === "picked") picked.value = message;
		else if (message.kind === "superpixels") region.receive(message);
		else if (message.kind === "supports") supports.receive(message);
		else input.show(message);
	}
	function doubt(): void {
		kernel.doubt();
		hello();
	}

	model.on("msg:custom", receive);
	model.on("comm_live_update", doubt);
	const unfollow = traits.seen.subscribe((seen) =>
		batch(() => {
			input.follow(seen);
			rail.value = seen.rail;
		}),
	);
	/** Python's picture, and a view that is opened later, are to show what shows here. */
	const unlead = effect(() => {
		const seen = { ...input.seen.value, dark: dark.value, rail: rail.value };
		if (deepEqual(seen, traits.seen.peek())) return;
		traits.seen.value = seen;
		appearance.settle();
	});
	// Scores and thumbnails of one network's layers mean nothing for another's.
	const forget = traits.network.subscribe(() => {
		thumbnails.value = new Map();
		scoresOf.value = new Map();
	});
	function dispose(): void {
		unbind();
		model.off("msg:custom", receive);
		model.off("comm_live_update", doubt);
		for (const end of [unfollow, unlead, forget]) end();
		for (const part of [appearance, region, supports, ...panes.values(), ...states.values(), kernel, theme])
			part.dispose?.();
	}

	const { recolour, settle, show } = appearance;
	const controls = { traits, target, input, question, method, methodInUse, unusable, alive, editable };
	const parts = { tabs, tab, pane, region, supports, stateOf, thumbnails, failure, picked, notice };
	const page = { kernel, theme, width, rail, helpOpen, unfolded };
	return { ...controls, ...parts, ...page, start, measure, ask, recolour, settle, show, copy, upload, dispose };
}
