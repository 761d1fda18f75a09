import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Hear the wheel over an element, with the right to keep the page from scrolling. */
export function useWheel(element: RefObject<HTMLElement | null>, turn: (event: WheelEvent) => void): void {
	const latest = useRef(turn);
	latest.current = turn;
	useLayoutEffect(() => {
		const node = element.current;
		const listen = (event: WheelEvent) => latest.current(event);
		node?.addEventListener("wheel", listen, { passive: false });
		return () => node?.removeEventListener("wheel", listen);
	}, [element]);
}

/** Pixels that a wheel turned; one that counts in lines has no pixels. */
export function wheelPixels({ deltaMode, deltaY }: WheelEvent): number {
	return deltaMode === WheelEvent.DOM_DELTA_PIXEL ? deltaY : 33 * deltaY;
}
