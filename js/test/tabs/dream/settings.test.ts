import { expect, it } from "vitest";
import type { DreamSetting } from "../../../src/kernel/traits";
import { declaredOnly, groupsOf, withSetting } from "../../../src/tabs/dream/settings";
import { DREAM_SETTINGS } from "../../network";

const steps = DREAM_SETTINGS.find(({ name }) => name === "steps") as DreamSetting;

it("keeps what differs from the default", () => {
	const changed = withSetting({ seed: 3 }, steps, 64);
	expect(changed).toEqual({ seed: 3, steps: 64 });
	expect(withSetting(changed, steps, 256)).toEqual({ seed: 3 });
});

it("sends only what is declared", () => {
	expect(declaredOnly({ steps: 64, gone: 1, constructor: 2 }, DREAM_SETTINGS)).toEqual({ steps: 64 });
});

it("groups in the order of the declaration", () => {
	expect(groupsOf(DREAM_SETTINGS).map(([group, inside]) => [group, inside.length])).toEqual([
		["dream", 5],
		["parametrization", 1],
		["transforms", 2],
		["regularizers", 1],
	]);
	expect(groupsOf([])).toEqual([]);
});
