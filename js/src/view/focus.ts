import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Focus the element when it appears, and what had the focus before when it goes, if the focus is still there. */
export function useFocus<T extends HTMLElement>(): RefObject<T | null> {
	const element = useRef<T>(null);
	useLayoutEffect(() => {
		const before = document.activeElement;
		const own = element.current;
		own?.focus({ preventScroll: true });
		return () => {
			const here = own?.contains(document.activeElement) || document.activeElement === document.body;
			if (here && before instanceof HTMLElement) before.focus({ preventScroll: true });
		};
	}, []);
	return element;
}
