// @vitest-environment jsdom
import { render } from "preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StoreProvider } from "../../../src/view/context";
import { inPane } from "../../../src/view/pane";
import { RegionTools } from "../../../src/view/stage/RegionTools";
import { Stage } from "../../../src/view/stage/Stage";
import { FakeModel } from "../../fake-model";
import { sendMap, sendPicture, sendScores, sendSignal, sendVolume } from "../../kernel-messages";
import { mobileTraits } from "../../network";
import { type Opened, opened } from "../../opened";
import { frames, labelled, press, tested, useViews } from "../../view";

useViews();

const Tools = inPane("explain", RegionTools);
const Explained = inPane("explain", Stage);

let fake: FakeModel;
let store: Opened;
let el: HTMLElement;

beforeEach(async () => {
	fake = new FakeModel(mobileTraits());
	el = document.body.appendChild(document.createElement("div"));
	store = opened(fake.model, el);
	render(
		<StoreProvider value={store}>
			<Tools />
			<Explained />
		</StoreProvider>,
		el,
	);
	sendPicture(fake);
	sendScores(fake);
	sendMap(fake);
	await frames();
	labelled(el, "probe").click();
	await frames();
});
afterEach(() => {
	render(null, el);
	store.dispose();
	el.remove();
});

const MESSAGE = {
	kind: "supports",
	image_idx: 0,
	input_idx: 0,
	layer: 155,
	classes: [20, 91],
	labels: ["water ouzel", "<b>coucal</b>"],
	shape: [1, 3],
	cam_layer: "153 out_relu",
	units: "score, first order",
};
/** Of the first class 0.5, 1 and 0 in the three cells, of the second -2, 0.25 and 0. */
function sendSupports(changes: Record<string, unknown> = {}, values = [0.5, 1, 0, -2, 0.25, 0]): void {
	fake.tell({ ...MESSAGE, ...changes }, Float32Array.from(values));
}

async function hover(x: number, y: number): Promise<void> {
	const picture = el.querySelector(".sw-picture") as HTMLElement;
	picture.getBoundingClientRect = () => ({ left: 0, top: 0, width: 300, height: 200 }) as DOMRect;
	picture.dispatchEvent(new MouseEvent("pointermove", { clientX: x, clientY: y, bubbles: true }));
	await frames();
}
const probes = () => fake.sent.filter(({ content }) => content.kind === "probe");
const rows = () =>
	[...el.querySelectorAll(".sw-probe-row")].map((row) => {
		const [name, bar, value] = [...row.children] as [HTMLElement, HTMLElement, HTMLElement];
		const share = (bar.firstElementChild as HTMLElement).style.getPropertyValue("--sw-share");
		return [name.textContent, bar.dataset.against, share, value.textContent];
	});

it("shows what the cell under the pointer adds to each class, and frames it", async () => {
	expect(probes()).toHaveLength(1);
	sendSupports();
	await hover(10, 150);
	expect(tested(el, "probe").textContent).toContain("cell 0, 0 of 153 out_relu");
	expect(rows()).toEqual([
		["water ouzel", "false", "0.25", "+0.50"],
		["<b>coucal</b>", "true", "1", "−2.00"],
	]);
	expect(tested(el, "probe-cell").style).toMatchObject({ left: "0%", top: "0%", height: "100%" });
	expect(Number.parseFloat(tested(el, "probe-cell").style.width)).toBeCloseTo(100 / 3);
	expect(tested(el, "probe").dataset).toMatchObject({ right: "true", low: "false" });
	await hover(150, 10);
	expect(rows().map((row) => row[3])).toEqual(["+1.00", "+0.25"]);
	await hover(290, 10);
	expect(rows().map((row) => row.slice(2))).toEqual([
		["0", "0.00"],
		["0", "0.00"],
	]);
	expect(tested(el, "probe").dataset.right).toBe("false");
	expect(probes(), "hovering is local").toHaveLength(1);
});

it("follows the arrow keys, and Alt+click still explains the cell", async () => {
	sendSupports();
	press(tested(el, "stage"), "ArrowRight");
	await frames();
	expect(tested(el, "probe").textContent).toContain("cell 0, 2");
	fake.saved.length = 0;
	fake.python({ layer_idx: 153 });
	await hover(10, 150);
	const picture = el.querySelector(".sw-picture") as HTMLElement;
	picture.dispatchEvent(new MouseEvent("click", { clientX: 10, clientY: 150, altKey: true, bubbles: true }));
	expect(fake.saved).toEqual([{ cell: [5, 0] }]);
	expect(probes()).toHaveLength(1);
});

it("shows nothing of another image, without the tool, or before an answer", async () => {
	await hover(10, 150);
	expect(tested(el, "probe")).toBeNull();
	sendSupports({ image_idx: 1 });
	await frames();
	expect(tested(el, "probe")).toBeNull();
	sendSupports();
	await frames();
	expect(tested(el, "probe")).not.toBeNull();
	press(tested(el, "stage"), "Escape");
	await frames();
	expect([tested(el, "probe"), tested(el, "probe-cell")]).toEqual([null, null]);
});

it("reads the cell in the slice of a volume that shows", async () => {
	sendVolume(fake);
	sendMap(fake, { seq: 2, shape: [4, 2, 3] }, new Float32Array(24));
	sendSupports({ shape: [2, 1, 1], classes: [20], labels: ["water ouzel"] }, [3, 4]);
	await hover(10, 10);
	expect(tested(el, "probe").textContent).toContain("cell 1, 0, 0");
	expect(rows().map((row) => row[3])).toEqual(["+4.00"]);
	expect(tested(el, "probe-cell").style.width).toBe("100%");
	store.pane("explain").scene.cut(0);
	await frames();
	expect(rows().map((row) => row[3])).toEqual(["+3.00"]);
});

it("is taken by its key, and in a signal too, which has no regions", async () => {
	press(tested(el, "stage"), "Escape");
	sendSignal(fake);
	await frames();
	expect(labelled<HTMLButtonElement>(el, "brush").disabled).toBe(true);
	press(tested(el, "stage"), "b");
	expect(store.region.tool.value).toBe("none");
	press(tested(el, "stage"), "p");
	expect(store.region.tool.value).toBe("probe");
	sendSupports({ shape: [2], classes: [20], labels: ["water ouzel"] }, [3, -4]);
	await hover(200, 10);
	expect(tested(el, "probe").textContent).toContain("cell 1 of 153 out_relu");
	expect(rows().map((row) => row[3])).toEqual(["−4.00"]);
	press(tested(el, "stage"), "Escape");
	await frames();
	expect(tested(el, "probe")).toBeNull();
});
