// How things look changes in the page at once; Python's traits follow once the hand is at rest.

import { batch, type ReadonlySignal } from "@preact/signals";
import type { ExplorerModel, TraitSignals } from "../kernel/bind";
import { deepEqual } from "../kernel/question";
import { APPEARANCE_CONTROLS, type AppearanceControls } from "../kernel/traits";

/** What has not been touched for this long is told to Python: a hand at rest, or arrow keys let go. */
export const REST_MS = 300;

export function appearanceOf(model: ExplorerModel, traits: TraitSignals, alive: ReadonlySignal<boolean>) {
	let rest: ReturnType<typeof setTimeout> | undefined;

	/** Change how the map looks, here only. */
	function recolour(changes: Partial<AppearanceControls>): void {
		clearTimeout(rest);
		batch(() => {
			for (const [name, value] of Object.entries(changes)) {
				traits[name as keyof AppearanceControls].value = value as never;
			}
		});
	}
	/** Let Python's traits follow once the slider is released and stays so: one message, long after the repaint. */
	function settle(): void {
		clearTimeout(rest);
		rest = setTimeout(save, REST_MS);
	}
	function save(): void {
		clearTimeout(rest);
		if (!alive.value) return;
		const moved = ([...APPEARANCE_CONTROLS, "seen"] as const).filter(
			(name) => !deepEqual(model.get(name), traits[name].value),
		);
		for (const name of moved) model.set(name, traits[name].value);
		if (moved.length) model.save_changes();
	}
	/** Go to a tab, which needs no kernel. */
	function show(tab: string): void {
		recolour({ tab });
		save();
	}
	return { recolour, settle, show, dispose: () => clearTimeout(rest) };
}
