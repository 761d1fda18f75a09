import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { findClasses } from "../target/classes";
import { useStore } from "./context";
import { useFocus } from "./focus";
import { reveal } from "./reveal";

const SHOWN = 40;

/** A box that finds any class by its name or number. */
export function ClassFinder({ choose, close }: { choose: (index: number) => void; close: () => void }) {
	const store = useStore();
	const typed = useSignal("");
	const marked = useSignal(0);
	const id = useId();
	const { classes, labels, scores } = store.target;
	const total = classes.value;
	const found = findClasses(labels.value, total, scores.value?.values ?? null, typed.value, SHOWN);
	const active = Math.min(marked.value, found.length - 1);
	const box = useFocus<HTMLInputElement>();
	const list = useRef<HTMLDivElement>(null);
	const row = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		if (list.current && row.current) reveal(list.current, row.current);
	});

	function take(index: number | undefined): void {
		if (index === undefined) return;
		choose(index);
		close();
	}
	function press(event: KeyboardEvent): void {
		if (event.key === "ArrowDown") marked.value = Math.min(active + 1, found.length - 1);
		else if (event.key === "ArrowUp") marked.value = Math.max(active - 1, 0);
		else if (event.key === "Enter") take(found[active]?.index);
		else if (event.key === "Escape") close();
		else return;
		event.preventDefault();
		event.stopPropagation();
	}
	return (
		<div class="sw-popover sw-finder">
			<input
				type="text"
				class="sw-finder-box"
				role="combobox"
				aria-label="class name or number"
				aria-expanded="true"
				aria-controls={id}
				aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
				placeholder={`name or number, 0 to ${total - 1}`}
				ref={box}
				value={typed.value}
				onInput={(event) => {
					typed.value = event.currentTarget.value;
					marked.value = 0;
				}}
				onKeyDown={press}
			/>
			<div class="sw-finder-list" ref={list} role="listbox" id={id} aria-label="classes found">
				{found.map(({ index, score }, at) => (
					<div
						key={index}
						id={`${id}-${at}`}
						role="option"
						tabIndex={-1}
						aria-selected={at === active}
						class="sw-finder-row"
						ref={at === active ? row : undefined}
						onPointerDown={(event) => {
							event.preventDefault();
							take(index);
						}}
					>
						<span class="sw-finder-number">{index}</span>
						<span class="sw-finder-label">{store.target.className(index)}</span>
						<span class="sw-soft">{store.target.formatScore(score)}</span>
					</div>
				))}
				{found.length === 0 && <div class="sw-finder-none sw-soft">No class is called so.</div>}
			</div>
		</div>
	);
}
