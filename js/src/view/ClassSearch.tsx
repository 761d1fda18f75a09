import { useSignal } from "@preact/signals";
import { useCallback, useId, useRef } from "preact/hooks";
import { classLabel, findClasses, isShare } from "../classes";
import { formatEnd, formatShare } from "../format";
import { useStore } from "./context";
import { useDismiss } from "./dismiss";
import { SearchIcon } from "./icons";

const SHOWN = 40;

/** A box that finds any class by its name or number. */
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

function ClassFinder({ close }: { close: () => void }) {
	const store = useStore();
	const typed = useSignal("");
	const at = useSignal(0);
	const id = useId();
	const { labels, network } = store.traits;
	const scores = store.scores.value;
	const total = scores?.values.length ?? network.value.layers[network.value.output]?.filters ?? labels.value.length;
	const found = findClasses(labels.value, total, scores?.values ?? null, typed.value, SHOWN);
	const active = Math.min(at.value, found.length - 1);
	const shares = isShare(scores?.activation ?? "none");

	function choose(index: number | undefined): void {
		if (index === undefined) return;
		store.chooseClass(index);
		close();
	}
	function press(event: KeyboardEvent): void {
		if (event.key === "ArrowDown") at.value = Math.min(active + 1, found.length - 1);
		else if (event.key === "ArrowUp") at.value = Math.max(active - 1, 0);
		else if (event.key === "Enter") choose(found[active]?.index);
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
				ref={(input) => input?.focus()}
				value={typed.value}
				onInput={(event) => {
					typed.value = event.currentTarget.value;
					at.value = 0;
				}}
				onKeyDown={press}
			/>
			<div class="sw-finder-list" role="listbox" id={id} aria-label="classes found">
				{found.map(({ index, score }, row) => (
					<div
						key={index}
						id={`${id}-${row}`}
						role="option"
						tabIndex={-1}
						aria-selected={row === active}
						class="sw-finder-row"
						ref={(node) => {
							if (row === active) node?.scrollIntoView?.({ block: "nearest" });
						}}
						onPointerDown={(event) => {
							event.preventDefault();
							choose(index);
						}}
					>
						<span class="sw-finder-number">{index}</span>
						<span class="sw-finder-label">{classLabel(labels.value, index)}</span>
						<span class="sw-soft">{score === null ? "" : shares ? formatShare(score) : formatEnd(score)}</span>
					</div>
				))}
				{found.length === 0 && <div class="sw-finder-none sw-soft">No class is called so.</div>}
			</div>
		</div>
	);
}
