import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Focus the element when it appears, and what had the focus before when it goes. */
export function useFocus<T extends HTMLElement>(): RefObject<T | null> {
	const element = useRef<T>(null);
	useLayoutEffect(() => {
		const before = document.activeElement;
		element.current?.focus({ preventScroll: true });
		return () => {
			if (before instanceof HTMLElement) before.focus({ preventScroll: true });
		};
	}, []);
	return element;
}
