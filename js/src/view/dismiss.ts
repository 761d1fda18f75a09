import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** Close a popover when the person presses outside of it. (A layout effect ends with the view; others end later.) */
export function useDismiss(inside: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
	useLayoutEffect(() => {
		if (!open) return;
		const press = (event: Event) => {
			if (!inside.current?.contains(event.target as Node)) close();
		};
		document.addEventListener("pointerdown", press);
		return () => document.removeEventListener("pointerdown", press);
	}, [inside, open, close]);
}
