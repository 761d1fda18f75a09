import { expect, it } from "vitest";
import { bindTraits } from "../../src/kernel/bind";
import { FakeModel } from "../fake-model";

it("follows the model, and stops", () => {
	const fake = new FakeModel({ layer_idx: 3 });
	const [traits, unbind] = bindTraits(fake.model);
	expect(traits.layer_idx.value).toBe(3);
	fake.python({ layer_idx: 5, filter_indices: [1, 2] });
	expect([traits.layer_idx.value, traits.filter_indices.value]).toEqual([5, [1, 2]]);
	unbind();
	fake.python({ layer_idx: 9 });
	expect(traits.layer_idx.value).toBe(5);
	expect(fake.listeners).toEqual([]);
});
