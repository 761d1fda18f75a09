// @vitest-environment jsdom
import { render } from "preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useKeptFocus } from "../../src/view/focus";

let box: HTMLElement;

function Frame({ gone, disabled }: { gone?: boolean; disabled?: boolean }) {
	const frame = useKeptFocus<HTMLDivElement>();
	return (
		<div class="frame" tabIndex={-1} ref={frame}>
			{!gone && <button type="button" disabled={disabled} />}
		</div>
	);
}

beforeEach(() => {
	box = document.body.appendChild(document.createElement("div"));
	render(<Frame />, box);
	box.querySelector("button")?.focus();
});
afterEach(() => {
	render(null, box);
	box.remove();
});

/** What has the focus once the observers of the page were called. */
async function focused(): Promise<Element | null> {
	await new Promise((done) => setTimeout(done));
	return document.activeElement;
}

it("takes the focus of a control that goes", async () => {
	render(<Frame gone />, box);
	expect(await focused()).toBe(box.querySelector(".frame"));
});

it("takes the focus of a control that is disabled, and gives it back", async () => {
	render(<Frame disabled />, box);
	expect(await focused()).toBe(box.querySelector(".frame"));
	render(<Frame />, box);
	expect(await focused()).toBe(box.querySelector("button"));
});

it("lets go of a focus that went elsewhere", async () => {
	const other = document.body.appendChild(document.createElement("button"));
	other.focus();
	render(<Frame gone />, box);
	expect(await focused()).toBe(other);
	other.remove();
});
