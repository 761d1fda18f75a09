// A rendered view with its fake model, and the few things that tests do with it.

import { afterEach, beforeEach, type Mock, vi } from "vitest";
import widget from "../src/index";
import type { Traits } from "../src/kernel/traits";
import { fakeCanvas } from "./canvas";
import { FakeModel } from "./fake-model";
import { sendMap, sendPicture, sendScores } from "./kernel-messages";
import { mobileTraits } from "./network";

export interface Rendered {
	fake: FakeModel;
	el: HTMLElement;
	remove: () => void;
}

/** Those that still observe. */
export const resizeObservers = new Set<FakeResizeObserver>();

class FakeResizeObserver {
	constructor(readonly callback: () => void) {}
	observe(): void {
		resizeObservers.add(this);
	}
	disconnect(): void {
		resizeObservers.delete(this);
	}
}

let pageWidth = 900;

/** Give the page another width; 0 is a view that is not in the page yet. */
export function resize(width: number): void {
	pageWidth = width;
	for (const observer of resizeObservers) observer.callback();
}

const removals: (() => void)[] = [];

/** Call it once a test file: what jsdom lacks is faked before each test, views are removed after it. */
export function useViews(): void {
	beforeEach(() => {
		fakeCanvas();
		vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(500);
		vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockImplementation(() => pageWidth);
		vi.stubGlobal("ResizeObserver", FakeResizeObserver);
		pageWidth = 900;
		resizeObservers.clear();
	});
	afterEach(() => {
		for (const remove of removals.splice(0)) remove();
	});
}

/** A view that has heard nothing from a kernel yet. */
export function renderSilent(traits: Partial<Traits> = {}): Rendered {
	const fake = new FakeModel({ ...mobileTraits(), ...traits });
	const el = document.body.appendChild(document.createElement("div"));
	const cleanUp = widget.render({ model: fake.model as never, el });
	let removed = false;
	const remove = () => {
		if (removed) return;
		removed = true;
		cleanUp();
		el.remove();
	};
	removals.push(remove);
	return { fake, el, remove };
}

/** A view with a picture, scores and a fresh map. */
export async function renderFresh(traits: Partial<Traits> = {}): Promise<Rendered> {
	const rendered = renderSilent(traits);
	sendPicture(rendered.fake);
	sendScores(rendered.fake);
	sendMap(rendered.fake);
	await frames();
	rendered.fake.saved.length = 0;
	rendered.fake.sent.length = 0;
	return rendered;
}

/** Let Preact render and the painter paint. */
export async function frames(count = 3): Promise<void> {
	for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

export function labelled<T extends HTMLElement = HTMLInputElement>(el: HTMLElement, name: string): T {
	const found = el.querySelectorAll<T>(`[aria-label="${name}"]`);
	if (found.length !== 1) throw new Error(`${found.length} elements are called ${name}`);
	return found[0] as T;
}

export function tested(el: HTMLElement, id: string): HTMLElement {
	return el.querySelector(`[data-testid="${id}"]`) as HTMLElement;
}

/** Drag a slider over some values, without letting go. */
export function drag(input: HTMLInputElement, ...values: number[]): void {
	for (const value of values) {
		input.value = String(value);
		input.dispatchEvent(new Event("input", { bubbles: true }));
	}
}

export function release(input: HTMLElement): void {
	input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Choose in a select, or type into a field and leave it. */
export function choose(input: HTMLInputElement | HTMLSelectElement, value: string): void {
	input.value = value;
	if (input instanceof HTMLInputElement) input.dispatchEvent(new Event("input", { bubbles: true }));
	release(input);
}

/** jsdom's files can't be read. */
export function imageFile(name: string, text: string): File & { arrayBuffer: Mock } {
	const file = new File([text], name, { type: "image/png" });
	const bytes = new TextEncoder().encode(text).slice().buffer;
	return Object.assign(file, { arrayBuffer: vi.fn().mockResolvedValue(bytes) });
}

export function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
	const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
	target.dispatchEvent(event);
	return event;
}
