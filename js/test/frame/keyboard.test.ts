// @vitest-environment jsdom
import { expect, it } from "vitest";
import { isHosted, takeFocus } from "../../src/frame/keyboard";

const CTRL = { ctrlKey: true };

it.each([
	["d", {}, false],
	["Enter", { shiftKey: true }, false],
	["Enter", { altKey: true }, false],
	["Enter", CTRL, false],
	["Backspace", CTRL, false],
	["z", CTRL, false],
	["M", { ...CTRL, shiftKey: true }, false],
	["s", CTRL, true],
	["s", { metaKey: true }, true],
	["C", { ...CTRL, shiftKey: true }, true],
	["Tab", {}, true],
	["F11", {}, true],
])("%s with %o is the host's: %s", (key, modifiers, hosted) => {
	expect(isHosted(new KeyboardEvent("keydown", { key, ...modifiers }))).toBe(hosted);
});

it("takes the focus at a click beside the view in the widget's box, and no other", () => {
	const div = () => document.createElement("div");
	const [box, view, frame, chart, page] = [div(), div(), div(), div(), div()];
	box.className = "widget-vbox";
	frame.className = "sw-frame";
	frame.tabIndex = -1;
	view.append(frame);
	box.append(view, chart);
	document.body.append(box, page);
	const end = takeFocus(view);
	for (const elsewhere of [page, frame]) elsewhere.click();
	expect(document.activeElement).toBe(document.body);
	chart.click();
	expect(document.activeElement).toBe(frame);
	end();
	frame.blur();
	chart.click();
	expect(document.activeElement).toBe(document.body);
	document.body.replaceChildren();
});
