// What anywidget hands to `render`, without a kernel: traits in an object, sent messages in a list.

import type { ExplorerModel } from "../src/kernel/bind";
import { deepEqual } from "../src/kernel/question";
import { blankTraits, type Traits } from "../src/kernel/traits";

export interface Sent {
	content: Record<string, unknown>;
	buffers: ArrayBuffer[];
}

type Listener = (...parts: never[]) => void;

export class FakeModel {
	readonly sent: Sent[] = [];
	/** What each save_changes would put on the wire. */
	readonly saved: Record<string, unknown>[] = [];
	readonly listeners: [name: string, listener: Listener][] = [];
	onSend: (sent: Sent) => void = () => {};
	onSave: (changes: Record<string, unknown>) => void = () => {};
	readonly #traits: Record<string, unknown>;
	#pending: Record<string, unknown> = {};

	constructor(traits: Partial<Traits> = {}) {
		this.#traits = { ...blankTraits(), ...traits };
	}

	/** The fake, with the type that the view asks for. */
	get model(): ExplorerModel {
		return this as unknown as ExplorerModel;
	}

	get(name: string): unknown {
		return this.#traits[name];
	}

	/** As Backbone: a value that stands there already is no change, and is not sent. */
	set(name: string, value: unknown): void {
		if (deepEqual(this.#traits[name], value)) return;
		this.#traits[name] = value;
		this.#pending[name] = value;
		this.#emit(`change:${name}`);
	}

	save_changes(): void {
		const changes = this.#pending;
		this.#pending = {};
		this.saved.push(changes);
		this.onSave(changes);
	}

	send(content: Record<string, unknown>, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
		const sent = { content, buffers };
		this.sent.push(sent);
		this.onSend(sent);
	}

	on(name: string, listener: Listener): void {
		this.listeners.push([name, listener]);
	}

	off(name: string, listener: Listener): void {
		const at = this.listeners.findIndex(([event, known]) => event === name && known === listener);
		if (at >= 0) this.listeners.splice(at, 1);
	}

	/** The kernel changes traits. */
	python(changes: Partial<Traits>): void {
		for (const [name, value] of Object.entries(changes)) {
			this.#traits[name] = value;
			this.#emit(`change:${name}`);
		}
	}

	/** The kernel sends a message. */
	tell(content: unknown, ...buffers: ArrayBufferView[]): void {
		const views = buffers.map((view) => new DataView(view.buffer, view.byteOffset, view.byteLength));
		this.#emit("msg:custom", content, views);
	}

	/** The comm begins or ends; the event does not say which. */
	commLiveUpdate(): void {
		this.#emit("comm_live_update");
	}

	#emit(name: string, ...parts: unknown[]): void {
		for (const [event, listener] of [...this.listeners]) if (event === name) listener(...(parts as never[]));
	}
}
