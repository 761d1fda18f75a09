// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import widget from "../src/index";
import {
	choose,
	drag,
	frames,
	labelled,
	press,
	release,
	renderFresh,
	renderSilent,
	resize,
	resizeObservers,
	tested,
	useViews,
} from "./view";

useViews();

it("is an anywidget module that does nothing before render", () => {
	expect(Object.keys(widget)).toEqual(["render"]);
});

it("says hello on each render", () => {
	const { fake } = renderSilent();
	expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "ready", loopback: true }]);
});

it.each([
	["http://127.0.0.1:8888", true],
	["http://[::1]:8888", true],
	["https://hub.example.org/user/ada", false],
	["https://localhost.example.org", false],
])("knows whether %s is on this machine", (address, loopback) => {
	vi.stubGlobal("location", new URL(address));
	const { fake } = renderSilent();
	expect(fake.sent[0]?.content).toEqual({ kind: "ready", loopback });
});

it("gives every control the name of its trait", async () => {
	const { el } = await renderFresh();
	const names = ["layer_idx", "filter_indices", "method", "score", "backprop_modifier", "grad_modifier", "image_idx"];
	for (const name of [...names, "opacity", "threshold", "colormap"]) {
		expect(["INPUT", "SELECT"]).toContain(labelled(el, name).tagName);
	}
	expect(labelled(el, "layer_idx value").value).toBe("155");
	expect(labelled(el, "filter_indices value").value).toBe("20");
});

it("renders a model with nothing in it", () => {
	const { el } = renderSilent({ network: undefined, methods: undefined, labels: undefined, images: undefined });
	expect(tested(el, "stage").dataset.state).toBe("computing");
});

it("leaves nothing behind", async () => {
	const add = vi.spyOn(EventTarget.prototype, "addEventListener");
	const remove = vi.spyOn(EventTarget.prototype, "removeEventListener");
	const outside = (calls: unknown[], contexts: unknown[]) =>
		calls.filter((_, at) => contexts[at] === document || contexts[at] === window || contexts[at] === document.body)
			.length;
	const rendered = await renderFresh();
	labelled(rendered.el, "menu").click();
	await frames();
	rendered.remove();
	expect(rendered.fake.listeners).toEqual([]);
	expect(rendered.el.childNodes).toHaveLength(0);
	expect(resizeObservers.size).toBe(0);
	expect(outside(remove.mock.calls, remove.mock.contexts)).toBe(outside(add.mock.calls, add.mock.contexts));
	expect(outside(add.mock.calls, add.mock.contexts)).toBeGreaterThan(0);
});

it("shows one model in two views", async () => {
	const { fake, el } = await renderFresh();
	const second = document.body.appendChild(document.createElement("div"));
	const cleanUp = widget.render({ model: fake.model as never, el: second });
	drag(labelled(el, "layer_idx"), 30);
	await frames();
	expect(labelled(second, "layer_idx").value).toBe("30");
	cleanUp();
	drag(labelled(el, "layer_idx"), 31);
	await frames();
	expect(labelled(el, "layer_idx value").value).toBe("31");
});

describe("hostile names", () => {
	const name = "<img src=x onerror=alert(1)>";

	it("are text", async () => {
		const labels = Array.from({ length: 1000 }, () => name);
		const { fake, el } = renderSilent({ labels, notices: [name], images: [{ name, shape: [1, 1] }] });
		const network = fake.get("network") as { layers: { name: string }[] };
		fake.python({
			network: { ...network, name, layers: network.layers.map((layer) => ({ ...layer, name })) } as never,
		});
		fake.tell({ kind: "picture", image_idx: 0, input_idx: 0, name, shape: [1, 1, 3] }, new Uint8Array(3));
		fake.tell({ kind: "scores", image_idx: 0, layer: 155, activation: "softmax" }, new Float32Array(1000));
		fake.tell({ kind: "error", pane: null, seq: null, asked: null, about: "upload", text: name });
		await frames();
		expect(el.querySelector("img")).toBeNull();
		expect(tested(el, "chip").textContent).toContain(name);
		expect(el.querySelector(".sw-layer-name")?.textContent).toBe(name);
		expect(el.querySelector("[role=alert]")?.textContent).toBe(name);
		expect(el.querySelector(".sw-sentence b")?.textContent).toBe(name);
	});
});

describe("keys", () => {
	it("show the original while Space is held", async () => {
		const { el } = await renderFresh();
		const stage = tested(el, "stage");
		expect(press(stage, " ").defaultPrevented).toBe(true);
		await frames();
		expect(stage.dataset.shown).toBe("image");
		stage.dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true }));
		await frames();
		expect(stage.dataset.shown).toBe("overlay");
	});

	it("leave Space to a button and letters to a text field", async () => {
		const { fake, el } = await renderFresh();
		expect(press(tested(el, "chip"), " ").defaultPrevented).toBe(false);
		expect(press(labelled(el, "filter_indices value"), "j").defaultPrevented).toBe(false);
		expect(fake.saved).toEqual([]);
	});

	it("go through the images", async () => {
		const { fake, el } = await renderFresh();
		press(tested(el, "stage"), "j");
		press(tested(el, "stage"), "j");
		press(tested(el, "stage"), "k");
		expect(fake.saved).toEqual([{ image_idx: 1 }, { image_idx: 2 }, { image_idx: 1 }]);
	});

	it("leave shortcuts of the browser alone", async () => {
		const { fake, el } = await renderFresh();
		expect(press(tested(el, "stage"), "j", { ctrlKey: true }).defaultPrevented).toBe(false);
		expect(fake.saved).toEqual([]);
	});

	it("stop what runs", async () => {
		const { fake, el } = await renderFresh();
		press(tested(el, "stage"), "Escape");
		expect(fake.sent).toEqual([]);
		drag(labelled(el, "filter_indices"), 7);
		press(tested(el, "stage"), "Escape");
		expect(fake.sent.map(({ content }) => content)).toEqual([{ kind: "stop", pane: "explain" }]);
	});

	it("open the help, and close it before they stop anything", async () => {
		const { fake, el } = await renderFresh();
		drag(labelled(el, "filter_indices"), 7);
		press(tested(el, "stage"), "?");
		await frames();
		expect(labelled<HTMLElement>(el, "keys").textContent).toContain("the original image");
		press(tested(el, "stage"), "Escape");
		await frames();
		expect(el.querySelector('[aria-label="keys"]')).toBeNull();
		expect(fake.sent).toEqual([]);
	});
});

describe("without a kernel", () => {
	it("sees the mark of a page that the view is put in later", async () => {
		const { el } = await renderFresh();
		const page = document.body.appendChild(document.createElement("div"));
		page.append(el);
		resize(900);
		page.classList.add("jupyter-widgets-disconnected");
		await frames();
		expect(labelled(el, "layer_idx").disabled).toBe(true);
		page.remove();
	});

	it("disables what needs it and goes on recolouring", async () => {
		const { fake, el } = await renderFresh();
		el.classList.add("jupyter-widgets-disconnected");
		await frames();
		for (const name of ["layer_idx", "filter_indices", "method", "score", "image_idx", "add image", "find a class"]) {
			expect([name, labelled(el, name).disabled]).toEqual([name, true]);
		}
		expect((tested(el, "chip") as HTMLButtonElement).disabled).toBe(true);
		expect(el.querySelector("[role=alert]")?.textContent).toContain("Run the cell again");
		press(labelled<HTMLElement>(el, "layers"), "ArrowUp");
		press(tested(el, "stage"), "j");
		expect(fake.saved).toEqual([]);

		expect(labelled(el, "opacity").disabled).toBe(false);
		drag(labelled(el, "opacity"), 0.25);
		choose(labelled(el, "colormap"), "viridis");
		release(labelled(el, "opacity"));
		await frames();
		expect(labelled(el, "opacity").value).toBe("0.25");
	});
});
