// The keys of the whole view; each control has its own besides.

import type { Store } from "../state/store";
import { stepImage } from "../target/choose";

export const KEYS: [string, string][] = [
	["j / k", "next / previous image"],
	["↑ / ↓ in the layers", "the layer that is explained"],
	["Shift+click on a class", "explain the target minus this class"],
	["arrows on the stage", "read values pixel by pixel (Shift: by ten)"],
	["Alt+click on the stage", "explain the cell of the layer that lies there (with the arrows: Alt+Enter)"],
	["+ / − / 0 on the stage", "zoom in, out, the whole picture (Ctrl+wheel or pinch: around the pointer; drag: move)"],
	["p / b / e / x on the stage", "probe, brush, eraser, invert what is marked; Esc leaves the tool"],
	["[ / ] on the stage", "a smaller, larger brush"],
	[
		"Space on the stage, with a tool",
		"paint at the cursor that the arrows move; a corner of a rectangle, a point of a lasso (Enter closes it)",
	],
	["f", "beside an edited image: flip its map and the old one"],
	["Ctrl+Z / Ctrl+Shift+Z", "take a change of the marked region back, and again"],
	["Shift+arrows on a slider", "ten steps; the wheel: one"],
	["PgUp / PgDn on the stage", "the slice of a volume"],
	["Esc", "stop"],
	["?", "these keys"],
];

/** Does the element want the key for itself: text that is typed, the Space of a button or a select? */
function takes(target: EventTarget | null, key: string): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target instanceof HTMLInputElement) return target.type !== "range";
	return key === " " && target.closest("select, button, [role^=menuitem], [role=option]") !== null;
}

/** With Ctrl these edit the text of a field, and the cells of a notebook: undo, select all, merge, split, run, move. */
const EDITING = /^([amyz_]|\w{2,})$/i;

/** Is the key the host's (save, find, its panels; F keys and Tab) though the focus is in the view?
 * All others end at the view: JupyterLab's commands would delete, run and convert the cell around the control. */
export function isHosted({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
	return /^(F\d+|Tab)$/.test(key) || ((ctrlKey || metaKey) && !EDITING.test(key));
}

/**
 * Keep the keys of the view from a host that listens on the document before the view does, as Notebook 7 (JupyterLab
 * listens after it): Lumino leaves a focused element alone that bears the attribute. Returns what ends it.
 */
export function keepKeys(root: HTMLElement): () => void {
	const name = "data-lm-suppress-shortcuts";
	let marked: Element | null = null;
	function mark(event: KeyboardEvent): void {
		// One at a time: the mark of an ancestor would take the host's keys too.
		marked?.removeAttribute(name);
		const target = event.target as Element;
		marked = root.contains(target) && !isHosted(event) ? target : null;
		marked?.setAttribute(name, "");
	}
	window.addEventListener("keydown", mark, true);
	return () => window.removeEventListener("keydown", mark, true);
}

/**
 * A click on a chart, which lies beside the view in the widget's box, gives the view the keys: they would be the
 * notebook's, and delete the cell. Returns what ends it.
 */
export function takeFocus(root: HTMLElement): () => void {
	function click({ target }: MouseEvent): void {
		if (root.contains(target as Node) || !root.closest(".widget-vbox")?.contains(target as Node)) return;
		root.querySelector<HTMLElement>(".sw-frame")?.focus({ preventScroll: true });
	}
	window.addEventListener("click", click, true);
	return () => window.removeEventListener("click", click, true);
}

/** Undo and redo of the region, but for where text is typed. */
function takesBack(
	{ alive, region }: Store,
	{ altKey, ctrlKey, key, metaKey, shiftKey, target }: KeyboardEvent,
): boolean {
	const letter = key.toLowerCase();
	if (!(ctrlKey || metaKey) || altKey || !/^[yz]$/.test(letter) || !alive.value || takes(target, key)) return false;
	if (letter === "y" || shiftKey) region.redo();
	else region.undo();
	return true;
}

export function onKeyDown(store: Store, event: KeyboardEvent): void {
	if (!isHosted(event)) event.stopPropagation();
	if (!event.defaultPrevented && takesBack(store, event)) event.preventDefault();
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
	const { keys } = store.stateOf(store.tab.value.open);
	if (event.key === "Escape") {
		if (store.helpOpen.value) store.helpOpen.value = false;
		else keys.Escape?.(event);
		return;
	}
	if (takes(event.target, event.key)) return;
	const own = keys[event.key];
	if (own) own(event);
	else if (event.key === "j") stepImage(store, 1);
	else if (event.key === "k") stepImage(store, -1);
	else if (event.key === "?") store.helpOpen.value = !store.helpOpen.value;
	else return;
	event.preventDefault();
}

export function onKeyUp(store: Store, event: KeyboardEvent): void {
	if (event.key === " ") store.input.peeking.value = false;
}
