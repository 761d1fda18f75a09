// Whether somebody answers. ipywidgets tells the model of a comm that ends, and marks the views with a class (not
// those of anywidget, but the box around them); a restart over REST gives no sign at all.

import { computed, signal } from "@preact/signals";

export const SILENCE_MS = 20_000;
const DISCONNECTED = "jupyter-widgets-disconnected";

export class KernelWatch {
	readonly #gone = signal(false);
	readonly #doubted = signal(false);
	readonly #silent = signal(false);
	readonly #observer: MutationObserver;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** One sentence that says why the kernel does not answer; empty while it does. */
	readonly absence = computed(() => {
		if (this.#gone.value || this.#doubted.value) return "The kernel was restarted or has ended. Run the cell again.";
		return this.#silent.value
			? "No answer from the kernel. If it was restarted, run the cell again; else reload the page."
			: "";
	});

	/**
	 * An exported page puts the class of a dead comm on an ancestor of `el` and is read-only by the same path.
	 * `greet` says something that a kernel answers at once, however long the work takes that it is at.
	 */
	constructor(
		readonly el: HTMLElement,
		readonly greet: () => void,
	) {
		this.#observer = new MutationObserver(() => this.#check());
	}

	/** Observe the ancestors. Call it again once attached: a view is rendered before it is in the page. */
	observe(): void {
		this.#observer.disconnect();
		for (let node: HTMLElement | null = this.el; node; node = node.parentElement) {
			this.#observer.observe(node, { attributeFilter: ["class"] });
		}
		this.#check();
	}

	#check(): void {
		this.#gone.value = this.el.closest(`.${DISCONNECTED}`) !== null;
	}

	/** The comm ended or began (the event does not say which): take it for dead until a message comes. */
	doubt(): void {
		this.#doubted.value = true;
	}

	/** Something was sent that wants an answer, or work goes on of which more is to come. */
	expectAnswer(): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = setTimeout(() => {
				this.#silent.value = true;
			}, SILENCE_MS / 2);
			this.greet();
		}, SILENCE_MS / 2);
	}

	/** Something came, so the kernel lives. */
	answered(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#silent.value = false;
		this.#doubted.value = false;
	}

	dispose(): void {
		clearTimeout(this.#timer);
		this.#observer.disconnect();
	}
}
