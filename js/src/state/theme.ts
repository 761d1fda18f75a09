// Whether the widget lies on a dark surface: the automatic diverging colour map has its neutral colour there.

import { signal } from "@preact/signals";

export class ThemeWatch {
	readonly dark = signal(false);
	readonly #observer: MutationObserver;
	readonly #preference = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
	readonly #update = () => this.update();

	constructor(readonly el: HTMLElement) {
		this.#observer = new MutationObserver(this.#update);
		this.#observer.observe(document.body, { attributes: true });
		this.#preference?.addEventListener("change", this.#update);
	}

	/** Read the text's colour: light text means a dark surface, whatever the theme is called. */
	update(): void {
		const root = this.el.firstElementChild ?? this.el;
		const [red = 0, green = 0, blue = 0] =
			getComputedStyle(root)
				.color.match(/[\d.]+/g)
				?.map(Number) ?? [];
		this.dark.value = 0.3 * red + 0.6 * green + 0.1 * blue > 128;
	}

	dispose(): void {
		this.#observer.disconnect();
		this.#preference?.removeEventListener("change", this.#update);
	}
}
