// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import type { Method, Traits } from "../../src/kernel/traits";
import {
	chooseBest,
	chooseCell,
	chooseClass,
	chooseLayer,
	compareWith,
	followPicks,
	pickLayer,
	stepLayer,
	swap,
	toggleOther,
} from "../../src/target/choose";
import { FakeModel } from "../fake-model";
import { sendMap, sendPicture, sendScores, sendSignal, sendVolume } from "../kernel-messages";
import { mobileTraits, smallTraits } from "../network";
import { type Opened, opened } from "../opened";

let fake: FakeModel;
let store: Opened;

function open(traits: Partial<Traits> = {}): () => void {
	fake = new FakeModel({ ...mobileTraits(), ...traits });
	store = opened(fake.model);
	return () => store.dispose();
}

beforeEach(() => open());

/** Feature map explains filters of hidden layers and no class. */
function withFeatureMap(): Partial<Traits> {
	const { methods = [] } = mobileTraits();
	const like = methods[0] as Method;
	const inside = {
		...like,
		name: "feature_map",
		title: "Feature map",
		unusable: [[155, "no space"]] as [number, string][],
	};
	return { methods: [...methods, inside], method: "feature_map", layer_idx: 3, filter_indices: 5 };
}

describe("a method that can't explain what is clicked", () => {
	it("gives way to one that can, and it is said", () => {
		open(withFeatureMap());
		chooseClass(store, 91);
		expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91, method: "saliency" }]);
		expect(store.notice.value).toBe("Feature map can't explain predictions: the method is now Saliency.");
	});

	it("gives way for a bar of a chart, and for each click on one", () => {
		open(withFeatureMap());
		const unfollow = followPicks(store);
		fake.tell({ kind: "picked", index: 91 });
		expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91, method: "saliency" }]);
		chooseClass(store, 20);
		fake.tell({ kind: "picked", index: 91 });
		expect(store.traits.filter_indices.value).toBe(91);
		unfollow();
	});

	it("stays where it can, and in the Dream tab, which has no method", () => {
		open(withFeatureMap());
		pickLayer(store, 4);
		expect(fake.saved).toEqual([{ layer_idx: 4 }]);
		expect(store.notice.value).toBe("");
		open({ ...withFeatureMap(), tab: "dream" });
		chooseClass(store, 91);
		expect(store.traits.method.value).toBe("feature_map");
	});
});

it("sends a class that a filter of another layer has the number of, and the best where all filters were chosen: else Python takes the class it knows", () => {
	open({ layer_idx: 3, filter_indices: 91 });
	chooseClass(store, 91);
	expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91 }]);
	open({ layer_idx: 3, filter_indices: null });
	chooseBest(store);
	expect(fake.saved).toMatchObject([{ layer_idx: 155, filter_indices: null }]);
	open({ layer_idx: 155, filter_indices: 91 });
	chooseClass(store, 91);
	expect(store.traits.filter_indices.value).toBe(91);
});

describe("target B", () => {
	it("is a class of the output", () => {
		compareWith(store, 91);
		expect(fake.saved).toEqual([{ versus: 91 }]);
		expect([store.target.otherClass.value, store.target.words.value]).toEqual([91, "water ouzel − coucal"]);
	});

	it("is never A itself", () => {
		compareWith(store, 20);
		expect(fake.saved).toEqual([]);
		expect(store.notice.value).toBe("That is target A itself.");
	});

	it("changes places with A", () => {
		open({ versus: 91 });
		swap(store);
		expect(fake.saved).toEqual([{ filter_indices: 91, versus: 20 }]);
		swap(store);
		expect(store.target.words.value).toBe("water ouzel − coucal");
	});

	it("takes the best class for A where none is chosen", () => {
		open({ filter_indices: null, versus: 91 });
		sendScores(fake);
		swap(store);
		expect(fake.saved).toEqual([{ filter_indices: 91, versus: 20 }]);
	});

	it("can't be all filters", () => {
		open({ layer_idx: 153, filter_indices: null, versus: 7 });
		swap(store);
		expect(fake.saved).toEqual([]);
		expect(store.target.words.value).toBe("all − 7 of out_relu");
	});

	it("becomes A when it is chosen for A, and A becomes B", () => {
		open({ versus: 91 });
		chooseClass(store, 91);
		expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91, versus: 20 }]);
	});

	it("goes on and off", () => {
		toggleOther(store, 91);
		toggleOther(store, 91);
		toggleOther(store, 20);
		expect(fake.saved).toEqual([{ versus: 91 }, { versus: null }, { layer_idx: 155, filter_indices: 20 }]);
	});

	it("needs a class for A: from a hidden layer the class becomes A", () => {
		open({ layer_idx: 153, filter_indices: 3 });
		toggleOther(store, 91);
		expect(fake.saved).toEqual([{ layer_idx: 155, filter_indices: 91 }]);
	});
});

describe("a cell", () => {
	const probe = { x: 0.6, y: 0.3 };

	it("is the one under the place", () => {
		open({ layer_idx: 153 });
		sendPicture(fake);
		chooseCell(store, store.explained.scene, probe);
		expect(fake.saved).toEqual([{ cell: [2, 4] }]);
		expect(store.target.words.value).toBe("20 of out_relu at 2, 4");
	});

	it("is a position of a signal", () => {
		open({ ...smallTraits({ cells: [50] }), layer_idx: 1 });
		sendSignal(fake);
		chooseCell(store, store.explained.scene, probe);
		expect(fake.saved).toEqual([{ cell: [30] }]);
	});

	it("is cut by the slice of a volume", () => {
		open({ ...smallTraits({ cells: [2, 10, 10] }), layer_idx: 1 });
		sendVolume(fake);
		store.explained.scene.cut(3);
		chooseCell(store, store.explained.scene, probe);
		expect(fake.saved).toEqual([{ cell: [1, 3, 6] }]);
	});

	it("is not there in a vector, which is said", () => {
		sendPicture(fake);
		chooseCell(store, store.explained.scene, probe);
		expect([fake.saved, store.notice.value]).toEqual([[], "predictions has no cells that lie over the input."]);
	});

	it("is not looked for on a map that is no picture of the input", () => {
		open({ layer_idx: 1, method: "weights" });
		sendMap(fake, { method: "weights" });
		chooseCell(store, store.explained.scene, probe);
		expect(fake.saved).toEqual([]);
	});
});

it("leaves a target of Python's alone", () => {
	open({ target: "steering", versus: 91 });
	chooseClass(store, 13);
	chooseLayer(store, 3);
	stepLayer(store, -1);
	compareWith(store, 13);
	toggleOther(store, 13);
	swap(store);
	chooseCell(store, store.explained.scene, { x: 0, y: 0 });
	expect(fake.saved).toEqual([]);
	expect([store.target.words.value, store.target.chosenClass.value, store.target.otherClass.value]).toEqual([
		"steering",
		null,
		null,
	]);
});

it("chooses a class of the output that shows, not of the first", () => {
	const outputs: Traits["network"]["outputs"] = [
		{ layer: 2, activation: "softmax" },
		{ layer: 3, activation: "none" },
	];
	open({ ...smallTraits({ outputs }), layer_idx: 3, filter_indices: null });
	chooseClass(store, 0);
	expect(fake.saved).toEqual([{ layer_idx: 3, filter_indices: 0 }]);
});
