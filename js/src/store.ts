// The state of one view: the model's traits and the kernel's messages as signals, and everything that a person can do.

import { batch, computed, effect, signal } from "@preact/signals";
import { type Answers, hear, NO_ANSWERS, stageState } from "./answers";
import { bindTraits, type ExplorerModel, type TraitSignals } from "./bind";
import { classLabel, isShare, topClasses } from "./classes";
import { fittingColormap } from "./colormaps";
import { formatFilters } from "./filters";
import { formatEnd, formatMilliseconds, formatShare } from "./format";
import { KernelWatch } from "./kernel";
import { scaleOf } from "./paint";
import { type Failure, type Heatmap, type Picture, readMessage, type Scores, type ToKernel } from "./protocol";
import { ThemeWatch } from "./theme";
import { type Thumbnail, withThumbnails } from "./thumbnails";
import { type Controls, type Look, QUESTION_NAMES, type Question } from "./traits";
import { uploadProblem } from "./upload";

/** An answer that comes within this time replaces the old map without a flicker of "stale". */
export const LATE_MS = 150;

export type View = "image" | "overlay" | "map";

export class Store {
	readonly traits: TraitSignals;
	readonly kernel: KernelWatch;
	readonly theme: ThemeWatch;

	readonly picture = signal<Picture | null>(null);
	readonly scores = signal<Scores | null>(null);
	/** By layer index; they come a few layers at a time. */
	readonly thumbnails = signal<ReadonlyMap<number, Thumbnail>>(new Map());
	readonly failure = signal<Pick<Failure, "text"> | null>(null);
	/** A notice of the page itself. */
	readonly said = signal("");
	readonly view = signal<View>("overlay");
	/** The view has a size in the page, so that what is in it can be measured. */
	readonly shown = signal(false);
	/** Space is held: the original image shows. */
	readonly peeking = signal(false);
	readonly helpOpen = signal(false);
	/** The state has not been fresh for so long that the person should see it. */
	readonly late = signal(false);

	readonly #answers = signal<Answers>(NO_ANSWERS);
	readonly #undo: (() => void)[] = [];

	constructor(
		readonly model: ExplorerModel,
		el: HTMLElement,
	) {
		const [traits, unbind] = bindTraits(model);
		this.traits = traits;
		this.kernel = new KernelWatch(el);
		this.theme = new ThemeWatch(el);
		const receive = (content: unknown, buffers: DataView[]) => this.#receive(content, buffers);
		const doubt = () => {
			this.kernel.doubt();
			this.#send({ kind: "ready" });
		};
		model.on("msg:custom", receive);
		model.on("comm_live_update", doubt);
		this.#undo.push(unbind, () => {
			model.off("msg:custom", receive);
			model.off("comm_live_update", doubt);
		});
		this.#undo.push(effect(() => this.#watchLateness()));
		this.#undo.push(
			() => this.kernel.dispose(),
			() => this.theme.dispose(),
		);
	}

	readonly question = computed<Question>(
		() => Object.fromEntries(QUESTION_NAMES.map((name) => [name, this.traits[name].value])) as unknown as Question,
	);
	readonly map = computed(() => this.#answers.value.map);
	readonly scale = computed(
		() => this.map.value && scaleOf(this.map.value.values, this.map.value.signed, this.map.value.top),
	);
	readonly alive = computed(() => this.kernel.absence.value === "");
	readonly state = computed(() => {
		const state = stageState(this.#answers.value, this.question.value);
		return state === "computing" && !this.alive.value ? "stale" : state;
	});
	/** The kernel works on this question, or on a better answer to it. */
	readonly running = computed(
		() => this.state.value === "computing" || (this.state.value === "fresh" && this.map.value?.final === false),
	);
	readonly colors = computed(() =>
		fittingColormap(this.traits.colormap.value, this.map.value?.signed ?? false, this.theme.dark.value),
	);
	readonly method = computed(() => this.traits.methods.value.find(({ name }) => name === this.traits.method.value));
	readonly layer = computed(() => this.traits.network.value.layers[this.traits.layer_idx.value]);
	/** The overlay is all that shows: chosen so, or a map that is no picture of the input (a layer's weights). */
	readonly alone = computed(() => this.view.value === "map" || !this.onImage.value);
	readonly onImage = computed(() => {
		const painted = this.map.value?.method;
		return this.traits.methods.value.find(({ name }) => name === painted)?.on_image ?? true;
	});
	/** Height and width of what the stage shows, in its own pixels. */
	readonly size = computed<[number, number]>(() => {
		const [height, width] = (this.onImage.value ? this.picture.value : this.map.value)?.shape ?? [1, 1];
		return [height, width];
	});
	/** The picture has changed and the map is still of another: they must not be seen as one. */
	readonly elsewhere = computed(() => {
		const [picture, map] = [this.picture.value, this.map.value];
		return picture !== null && map !== null && picture.image_idx !== map.asked.image_idx;
	});
	/** The class that is explained: the chosen one, or with none chosen (null) the image's best; null elsewhere. */
	readonly chosenClass = computed<number | null>(() => {
		const { filter_indices, layer_idx, network } = this.traits;
		const filters = filter_indices.value;
		if (layer_idx.value !== network.value.output) return null;
		if (filters !== null || this.layer.value?.cells) return typeof filters === "number" ? filters : null;
		return topClasses(this.scores.value?.values ?? [], 1, null)[0]?.index ?? null;
	});
	/** Why a layer can't be the target of the method, by layer index. */
	readonly unusable = computed(() => new Map(this.method.value?.unusable));

	/** The target in words: the kernel's once the map is there, until then ours. */
	readonly target = computed(() => {
		if (this.state.value === "fresh") return this.map.value?.target ?? "";
		if (this.chosenClass.value !== null) return this.className(this.chosenClass.value);
		return `${formatFilters(this.traits.filter_indices.value)} of ${this.layer.value?.name ?? ""}`;
	});
	/** What a screen reader says when an answer is there. */
	readonly announcement = computed(() => {
		if (this.state.value !== "fresh") return this.late.value ? this.state.value : "";
		const { target, ms, final } = this.map.value as Heatmap;
		const zero = this.scale.value?.zero ? ", the map is zero" : "";
		return final ? `${this.method.value?.title ?? ""} of ${target}${zero}, ${formatMilliseconds(ms)}` : "";
	});

	className(index: number): string {
		return classLabel(this.traits.labels.value, index, this.traits.network.value.activation);
	}

	formatScore(score: number | null): string {
		if (score === null) return "";
		return isShare(this.scores.value?.activation ?? "none") ? formatShare(score) : formatEnd(score);
	}

	/** Say hello; the kernel replies with all that is there to see. */
	start(): void {
		this.look();
		this.#send({ kind: "ready" });
	}

	/** Look at the page around the view. */
	look(): void {
		this.kernel.observe();
		this.theme.look();
		if (this.kernel.el.clientWidth > 0) this.shown.value = true;
	}

	/** Move controls: several at once are one message, one question. */
	ask(changes: Partial<Controls>): void {
		if (!this.alive.value) return;
		batch(() => {
			for (const [name, value] of Object.entries(changes)) {
				this.traits[name as keyof Controls].value = value as never;
				this.model.set(name as keyof Controls, value as never);
			}
			this.failure.value = null;
			this.said.value = "";
		});
		this.model.save_changes();
		if (this.state.value === "computing") this.kernel.asked();
	}

	/** Change how the map looks, here only. */
	recolour(look: Partial<Look>): void {
		batch(() => {
			for (const [name, value] of Object.entries(look)) this.traits[name as keyof Look].value = value as never;
		});
	}

	/** Let Python's trait follow once the slider is released. */
	settle(name: keyof Look): void {
		if (this.model.get(name) === this.traits[name].value) return;
		this.model.set(name, this.traits[name].value);
		this.model.save_changes();
	}

	chooseClass(index: number): void {
		this.ask({ layer_idx: this.traits.network.value.output, filter_indices: index });
	}

	/** Go `step` layers up or down, over those that the method can't use. */
	stepLayer(step: 1 | -1): void {
		const { layers } = this.traits.network.value;
		let at = this.traits.layer_idx.value + step;
		while (layers[at] && this.unusable.value.has(at)) at += step;
		if (layers[at]) this.ask({ layer_idx: at });
	}

	stepImage(step: 1 | -1): void {
		const at = this.traits.image_idx.value + step;
		if (this.traits.images.value[at]) this.ask({ image_idx: at });
	}

	showHelp(): void {
		this.helpOpen.value = true;
	}

	stop(): void {
		if (this.running.value) this.#send({ kind: "stop" });
	}

	async copy(text: string): Promise<void> {
		try {
			await navigator.clipboard.writeText(text);
			this.said.value = "Copied.";
		} catch {
			// No permission, or a page without TLS: show it, to be copied by hand.
			this.said.value = text;
		}
	}

	async upload(file: File): Promise<void> {
		if (!this.alive.value) return;
		const problem = uploadProblem(file, this.traits.limits.value.upload_bytes);
		if (problem) {
			this.failure.value = { text: problem };
			return;
		}
		try {
			const bytes = await file.arrayBuffer();
			this.failure.value = null;
			this.#send({ kind: "upload", name: file.name }, [bytes]);
		} catch {
			this.failure.value = { text: `${file.name} could not be read.` };
		}
	}

	dispose(): void {
		for (const undo of this.#undo) undo();
	}

	#send(message: ToKernel, buffers?: ArrayBuffer[]): void {
		this.kernel.asked();
		try {
			this.model.send(message, undefined, buffers);
		} catch {
			// "Cannot send": the comm is closed.
			this.kernel.doubt();
		}
	}

	#receive(content: unknown, buffers: DataView[]): void {
		const message = readMessage(content, buffers);
		if (!message) return;
		batch(() => {
			this.kernel.heard();
			this.#answers.value = hear(this.#answers.value, message, this.question.value);
			if (message.kind === "picture") this.picture.value = message;
			if (message.kind === "scores") this.scores.value = message;
			if (message.kind === "thumbnails") this.thumbnails.value = withThumbnails(this.thumbnails.value, message);
			if (message.kind === "error") this.failure.value = message;
			if (message.kind === "map" && message === this.map.value) this.failure.value = null;
		});
	}

	#watchLateness(): undefined | (() => void) {
		const state = this.state.value;
		if (state !== "computing") {
			this.late.value = state !== "fresh";
			return;
		}
		const timer = setTimeout(() => {
			this.late.value = true;
		}, LATE_MS);
		return () => clearTimeout(timer);
	}
}
