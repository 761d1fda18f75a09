import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import rows from "../../../tests/controls.json";
import fixture from "../../../tests/protocol.json";
import { type Heatmap, readerOf, type Scores } from "../../src/kernel/protocol";
import type { DreamCard } from "../../src/tabs/dream/protocol";
import { TABS } from "../../src/tabs/tabs";

interface Example {
	why: string;
	content: unknown;
	buffers: string[];
}

const valid = (fixture.to_page.valid as Example[]).map(whole);
const invalid = (fixture.to_page.invalid as Example[]).map(whole);
const warn = vi.fn();
const readMessage = readerOf(TABS);

beforeEach(() => vi.spyOn(console, "warn").mockImplementation(warn));
afterEach(() => warn.mockClear());

/** An example that says "rest" of its question asks all else as usual. */
function whole(example: Example): Example {
	const { asked, ...content } = (example.content ?? {}) as { asked?: { rest?: "usual" } };
	if (!asked?.rest) return example;
	const { rest, ...said } = asked;
	const usual = rows.filter(({ decides }) => decides === "answer").map((row) => [row.name, row.default ?? null]);
	return { ...example, content: { ...content, asked: { ...Object.fromEntries(usual), ...said } } };
}

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
		const { picture, weights, map, patches, ...told } = content as Record<string, unknown>;
		expect(message).toMatchObject(told);
		if (message?.kind === "map") expect((message as Heatmap).rgb !== null).toBe(picture);
	});

	it("cuts the pictures of a card out of its buffers in their order", () => {
		const example = valid.find(({ why }) => why.startsWith("a filter's card")) as Example;
		const buffers = example.buffers.map((buffer) => view(buffer, offset));
		const card = readMessage(example.content, buffers) as DreamCard;
		expect([card.weights, card.map].map((picture) => [picture?.height, picture?.width, picture?.rgb[0]])).toEqual([
			[3, 3, 0],
			[2, 3, 30],
		]);
		const [first, second] = card.patches;
		expect(first).toMatchObject({ name: "ouzel1.jpg", image_idx: 0, score: 4.5, box: [0.25, 0.125, 0.5, 0.75] });
		expect([first?.picture.height, first?.picture.width, first?.picture.rgb[0]]).toEqual([2, 2, 60]);
		expect([second?.name, second?.picture.width, second?.picture.rgb[0]]).toEqual(["<b>husky</b>", 2, 90]);
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
	readMessage({ kind: "stopped", pane: "explain", seq: -1 }, []);
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
	const stopped = { kind: "stopped", pane: "explain", seq: 3, text: "" };
	expect(readMessage(stopped, null)).toEqual(stopped);
});

describe("the name of a pane", () => {
	const examples = valid.filter(({ content }) => (content as { pane?: unknown }).pane);

	it.each(["computing", "map", "stopped", "error"])("is wanted of %s", (kind) => {
		const { content, buffers } = examples.find((one) => (one.content as { kind: string }).kind === kind) as Example;
		const views = buffers.map((buffer) => view(buffer, 0));
		const read = (pane: unknown) => readMessage({ ...(content as object), pane }, views);
		expect(read("x".repeat(40))).toMatchObject({ kind, pane: "x".repeat(40) });
		for (const pane of [undefined, null, "", 3, ["explain"], "x".repeat(41)]) expect(read(pane)).toBeNull();
	});

	it("is of no error but about a question", () => {
		const error = { kind: "error", pane: null, seq: null, asked: null, text: "no" };
		expect(readMessage({ ...error, about: "upload" }, [])).toMatchObject({ pane: null, about: "upload" });
		expect(readMessage({ ...error, about: "upload", pane: "explain" }, [])).toBeNull();
		expect(readMessage({ ...error, about: "dream" }, [])).toMatchObject({ about: "dream" });
	});
});

it("has an example of every kind", () => {
	const kinds = new Set(valid.map(({ content }) => (content as { kind: string }).kind));
	expect([...kinds].sort()).toEqual([
		"computing",
		"draft",
		"dream",
		"dream_card",
		"dream_file",
		"error",
		"frame",
		"intervention",
		"map",
		"patch",
		"picked",
		"picture",
		"previews",
		"scores",
		"signal",
		"stopped",
		"superpixels",
		"supports",
		"swaps",
		"thumbnails",
	]);
});

describe("the superpixels of an image", () => {
	const numbers = Uint16Array.of(0, 1, 300, 2, 65535, 0);
	const superpixels = { kind: "superpixels", image_idx: 1, input_idx: 0, size: [2, 3] };
	/** A view that begins anywhere in its frame. */
	function views(values: Uint16Array): DataView[] {
		const frame = new Uint8Array(values.byteLength + 3);
		frame.set(new Uint8Array(values.buffer), 3);
		return [new DataView(frame.buffer, 3)];
	}

	it("are a number for each pixel", () => {
		expect(readMessage(superpixels, views(numbers))).toEqual({ ...superpixels, numbers });
	});

	it.each([
		["too few numbers", { ...superpixels, size: [2, 4] }, numbers],
		["no size", { ...superpixels, size: [6] }, numbers],
	])("are ignored with %s", (_, content, buffer) => {
		expect(readMessage(content, views(buffer))).toBeNull();
		expect(warn).toHaveBeenCalledOnce();
	});
});
