/** Scroll the item into the box, and nothing else: scrollIntoView would move the notebook too. */
export function reveal(box: HTMLElement, item: HTMLElement): void {
	const outer = box.getBoundingClientRect();
	const inner = item.getBoundingClientRect();
	box.scrollLeft += Math.min(0, inner.left - outer.left) + Math.max(0, inner.right - outer.right);
	box.scrollTop += Math.min(0, inner.top - outer.top) + Math.max(0, inner.bottom - outer.bottom);
}
