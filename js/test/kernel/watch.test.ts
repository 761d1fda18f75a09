// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KernelWatch, SILENCE_MS } from "../../src/kernel/watch";

let outer: HTMLElement;
let watch: KernelWatch;
let greeted: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
	vi.useFakeTimers();
	outer = document.body.appendChild(document.createElement("div"));
	greeted = vi.fn();
	watch = new KernelWatch(outer.appendChild(document.createElement("div")), greeted);
	watch.observe();
});

afterEach(() => {
	watch.dispose();
	outer.remove();
	vi.useRealTimers();
});

const mutations = () => vi.advanceTimersByTimeAsync(0);

it("sees an ancestor marked as disconnected, and connected again", async () => {
	expect(watch.absence.value).toBe("");
	outer.classList.add("jupyter-widgets-disconnected");
	await mutations();
	expect(watch.absence.value).toContain("Run the cell again");
	outer.classList.remove("jupyter-widgets-disconnected");
	await mutations();
	expect(watch.absence.value).toBe("");
});

it("says so when a question gets no answer in 20 s", () => {
	watch.expectAnswer();
	vi.advanceTimersByTime(SILENCE_MS - 1);
	expect(watch.absence.value).toBe("");
	vi.advanceTimersByTime(1);
	expect(watch.absence.value).toBe(
		"No answer from the kernel. If it was restarted, run the cell again; else reload the page.",
	);
});

it("greets a kernel that is silent, which says that it only is at work", () => {
	greeted.mockImplementation(() => {
		watch.answered();
		watch.expectAnswer();
	});
	watch.expectAnswer();
	vi.advanceTimersByTime(10 * SILENCE_MS);
	expect(watch.absence.value).toBe("");
	expect(greeted).toHaveBeenCalledTimes(20);
	greeted.mockImplementation(() => watch.expectAnswer());
	vi.advanceTimersByTime(SILENCE_MS);
	expect(watch.absence.value).not.toBe("");
	expect(greeted).toHaveBeenCalledTimes(21);
});

it("counts from the first unanswered question, not from the last", () => {
	watch.expectAnswer();
	vi.advanceTimersByTime(SILENCE_MS / 2);
	watch.expectAnswer();
	vi.advanceTimersByTime(SILENCE_MS / 2);
	expect(watch.absence.value).not.toBe("");
});

it("is content with any message", () => {
	watch.expectAnswer();
	watch.answered();
	vi.advanceTimersByTime(2 * SILENCE_MS);
	expect(watch.absence.value).toBe("");
	watch.expectAnswer();
	vi.advanceTimersByTime(SILENCE_MS);
	watch.answered();
	expect(watch.absence.value).toBe("");
});

it("keeps silent kernels silent when the page changes some other class", async () => {
	watch.expectAnswer();
	vi.advanceTimersByTime(SILENCE_MS);
	outer.classList.add("jp-mod-active");
	await mutations();
	expect(watch.absence.value).toContain("No answer");
});

it("believes the mark, not a saved message", async () => {
	outer.classList.add("jupyter-widgets-disconnected");
	await mutations();
	watch.answered();
	expect(watch.absence.value).not.toBe("");
});

it("leaves no timer behind", () => {
	watch.expectAnswer();
	watch.dispose();
	expect(vi.getTimerCount()).toBe(0);
});
