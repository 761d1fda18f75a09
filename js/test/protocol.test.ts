import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../tests/protocol.json";
import { type Heatmap, readMessage, type Scores } from "../src/protocol";

interface Example {
	why: string;
	content: unknown;
	buffers: string[];
}

const valid: Example[] = fixture.to_page.valid;
const invalid: Example[] = fixture.to_page.invalid;
const warn = vi.fn();

beforeEach(() => vi.spyOn(console, "warn").mockImplementation(warn));
afterEach(() => warn.mockClear());

/** A view that starts `offset` bytes into its buffer, as ipywidgets cuts them out of a websocket frame. */
function view(base64: string, offset: number): DataView {
	const text = atob(base64);
	const frame = new Uint8Array(text.length + offset);
	frame.set(
		Uint8Array.from(text, (char) => char.charCodeAt(0)),
		offset,
	);
	return new DataView(frame.buffer, offset, text.length);
}

describe.each([0, 1, 3])("with buffers that start at byte %d", (offset) => {
	it.each(valid.map((example) => [example.why, example] as const))("reads %s", (_, { content, buffers }) => {
		const message = readMessage(
			content,
			buffers.map((buffer) => view(buffer, offset)),
		);
		expect(warn).not.toHaveBeenCalled();
		const { picture, ...told } = content as Record<string, unknown>;
		expect(message).toMatchObject(told);
		if (message?.kind === "map") expect(message.rgb !== null).toBe(picture);
	});

	it.each(invalid.map((example) => [example.why, example] as const))("ignores %s", (_, { content, buffers }) => {
		const views = buffers.map((buffer) => view(buffer, offset));
		expect(readMessage(content, views)).toBeNull();
		expect(warn).toHaveBeenCalledOnce();
	});

	it("reads the very values", () => {
		const example = valid.find(({ why }) => why.startsWith("a signed map")) as Example;
		const message = readMessage(example.content, [view(example.buffers[0] as string, offset)]) as Heatmap;
		expect([...message.values]).toEqual([-3, -1, 0, 1, 2, 3]);
	});
});

it("says in the console what is wrong", () => {
	readMessage({ kind: "stopped", seq: -1 }, []);
	expect(warn.mock.calls[0]?.[0]).toContain("seq is no index");
});

it("does not copy values that lie right", () => {
	const values = Float32Array.of(0.25, 0.75);
	const message = readMessage({ kind: "scores", image_idx: 0, layer: 2, activation: "softmax" }, [
		new DataView(values.buffer),
	]);
	expect((message as Scores).values.buffer).toBe(values.buffer);
});

it("takes a message without buffers for one with none", () => {
	expect(readMessage({ kind: "stopped", seq: 3 }, null)).toEqual({ kind: "stopped", seq: 3 });
});

it("has an example of every kind", () => {
	const kinds = new Set(valid.map(({ content }) => (content as { kind: string }).kind));
	expect([...kinds].sort()).toEqual([
		"computing",
		"error",
		"map",
		"picture",
		"scores",
		"signal",
		"stopped",
		"thumbnails",
	]);
});
