// The keys of the whole view; each control has its own besides.

import { stepImage } from "./steer";
import type { Store } from "./store";

export const KEYS: [string, string][] = [
	["Space (hold)", "the original image; with a dream: pause, go on"],
	["j / k", "next / previous image"],
	["↑ / ↓ in the layers", "the layer that is explained"],
	["Shift+click on a class", "explain the target minus this class"],
	["arrows on the stage", "read values pixel by pixel (Shift: by ten)"],
	["Alt+click on the stage", "explain the cell of the layer that lies there (with the arrows: Alt+Enter)"],
	["+ / − / 0 on the stage", "zoom in, out, the whole picture (Ctrl+wheel or pinch: around the pointer; drag: move)"],
	["Shift+arrows on a slider", "ten steps; the wheel: one"],
	["PgUp / PgDn on the stage", "the slice of a volume"],
	["Esc", "stop"],
	["?", "these keys"],
];

/** Does the element want the key for itself: text that is typed, a select's type-ahead, a button's Space? */
function takes(target: EventTarget | null, key: string): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target instanceof HTMLInputElement) return target.type !== "range";
	if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
	return key === " " && target.closest("button, [role^=menuitem], [role=option]") !== null;
}

export function onKeyDown(store: Store, event: KeyboardEvent): void {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
	const dreaming = store.traits.tab.value === "dream";
	if (event.key === "Escape") {
		if (store.helpOpen.value) store.helpOpen.value = false;
		else if (dreaming) store.dreams.stop();
		else store.stop();
		return;
	}
	if (takes(event.target, event.key)) return;
	if (event.key === " " && dreaming) {
		if (!event.repeat) store.dreams.toggle();
	} else if (event.key === " ") store.scene.peeking.value = true;
	else if (event.key === "j") stepImage(store, 1);
	else if (event.key === "k") stepImage(store, -1);
	else if (event.key === "?") store.helpOpen.value = !store.helpOpen.value;
	else return;
	event.preventDefault();
}

export function onKeyUp(store: Store, event: KeyboardEvent): void {
	if (event.key === " ") store.scene.peeking.value = false;
}
