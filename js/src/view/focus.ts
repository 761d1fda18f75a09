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

/**
 * Keep the focus in the element when the control that has it goes or is disabled, so that the next key is not the
 * page's; a control that is enabled again gets it back.
 */
export function useKeptFocus<T extends HTMLElement>(): RefObject<T | null> {
	const element = useRef<T>(null);
	useLayoutEffect(() => {
		const own = element.current as T;
		let last: HTMLElement | null = null;
		const moved = ({ target }: FocusEvent) => {
			if (!own.contains(target as Node)) last = null;
			else if (target !== own || !last?.matches(":disabled")) last = target as HTMLElement;
		};
		const pressed = ({ target }: Event) => {
			if (!own.contains(target as Node)) last = null;
		};
		const changed = new MutationObserver(() => {
			if (!last) return;
			const here = document.activeElement;
			const usable = last.isConnected && !last.matches(":disabled");
			if (usable && here === own) last.focus({ preventScroll: true });
			else if (!usable && (here === last || here === document.body)) own.focus({ preventScroll: true });
		});
		document.addEventListener("pointerdown", pressed, true);
		document.addEventListener("focusin", moved);
		changed.observe(own, { childList: true, subtree: true, attributeFilter: ["disabled"] });
		return () => {
			document.removeEventListener("pointerdown", pressed, true);
			document.removeEventListener("focusin", moved);
			changed.disconnect();
		};
	}, []);
	return element;
}
