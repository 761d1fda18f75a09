import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Whether a popover is open, in a box outside of which a press closes it. (A layout effect ends with the view.) */
export function usePopover() {
	const open = useSignal(false);
	const box = useRef<HTMLDivElement>(null);
	function show(now: boolean): void {
		open.value = now;
	}
	useLayoutEffect(() => {
		if (!open.value) return;
		const press = (event: Event) => {
			if (!box.current?.contains(event.target as Node)) show(false);
		};
		document.addEventListener("pointerdown", press);
		return () => document.removeEventListener("pointerdown", press);
	}, [open.value]);
	return { box, open: open.value, close: () => show(false), toggle: () => show(!open.value) };
}
