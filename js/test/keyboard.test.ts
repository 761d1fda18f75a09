import { expect, it } from "vitest";
import { isHosted } from "../src/keyboard";

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
