import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import { ClassFinder } from "./ClassFinder";
import { useStore } from "./context";
import { useDismiss } from "./dismiss";
import { SearchIcon } from "./icons";

/** Opens the box that finds any class; not there for a single output. */
export function ClassSearch() {
	const store = useStore();
	const open = useSignal(false);
	const box = useRef<HTMLDivElement>(null);
	const close = useCallback(() => {
		open.value = false;
	}, [open]);
	useDismiss(box, open.value, close);
	if ((store.scores.value?.values.length ?? 0) < 2 && store.traits.labels.value.length < 2) return null;
	return (
		<div class="sw-popover-anchor" ref={box}>
			<button
				type="button"
				class="sw-icon-button"
				aria-label="find a class"
				title="Find a class"
				aria-expanded={open.value}
				disabled={!store.alive.value}
				onClick={() => {
					open.value = !open.value;
				}}
			>
				<SearchIcon />
			</button>
			{open.value && <ClassFinder close={close} />}
		</div>
	);
}
