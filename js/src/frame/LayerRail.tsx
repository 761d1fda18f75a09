import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { chooseLayer, stepLayer } from "../target/choose";
import { findLayers } from "../target/layers";
import { useStore } from "../view/context";
import { LayerRow } from "./LayerRow";
import { RailEdge } from "./RailEdge";

const ROW = 46;
// The rail is never taller than the view (1000 px), so no layout is measured to know which rows show.
const WINDOW = Math.ceil(1000 / ROW) + 1;
const PAGE = 10;
const FOUND_KEYS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

/** The layers in call order, or those that have what is typed in their names; only the rows in sight exist. */
export function LayerRail() {
	const store = useStore();
	const list = useRef<HTMLDivElement>(null);
	const top = useSignal(0);
	const typed = useSignal("");
	const wide = store.rail;
	const id = useId();
	const { layers } = store.traits.network.value;
	const at = store.traits.layer_idx.value;
	const shown = store.width.value > 0;
	const first = Math.max(0, Math.floor(top.value / ROW) - 2);
	const found = findLayers(layers, typed.value);
	const rows = found.slice(first, first + WINDOW + 4);
	const position = found.findIndex(({ index }) => index === at);

	useLayoutEffect(() => {
		const node = list.current;
		if (!node || !shown) return;
		const above = position * ROW - node.scrollTop;
		if (position < 0) node.scrollTop = 0;
		else if (above < 0) node.scrollTop = position * ROW;
		else if (above + ROW > node.clientHeight) node.scrollTop = (position + 1) * ROW - node.clientHeight;
		top.value = node.scrollTop;
	}, [position, layers, top, shown, typed.value]);

	/** Up and down among those that were found. */
	function stepFound(step: number): void {
		const next = found[Math.min(found.length - 1, Math.max(0, position + step))];
		if (next) chooseLayer(store, next.index);
	}
	function search(event: KeyboardEvent): void {
		if (event.key === "Enter" && found[0]) chooseLayer(store, (found[Math.max(0, position)] ?? found[0]).index);
		else if (event.key === "ArrowDown") stepFound(1);
		else if (event.key === "ArrowUp") stepFound(-1);
		else if (event.key === "Escape" && typed.value) typed.value = "";
		else return;
		event.preventDefault();
		event.stopPropagation();
	}
	function press(event: KeyboardEvent): void {
		if (typed.value && event.key in FOUND_KEYS) {
			stepFound(FOUND_KEYS[event.key] as number);
			event.preventDefault();
			return;
		}
		if (event.key === "ArrowDown") stepLayer(store, 1);
		else if (event.key === "ArrowUp") stepLayer(store, -1);
		else if (event.key === "PageDown") chooseLayer(store, Math.min(layers.length - 1, at + PAGE));
		else if (event.key === "PageUp") chooseLayer(store, Math.max(0, at - PAGE));
		else if (event.key === "Home") chooseLayer(store, 0);
		else if (event.key === "End") chooseLayer(store, store.target.output.value.layer);
		else return;
		event.preventDefault();
	}
	return (
		<section class="sw-rail" style={wide.value ? { "--sw-rail": `${wide.value}px` } : undefined}>
			<div class="sw-rail-head">
				<h2 class="sw-title">Layers</h2>
				<input
					type="search"
					class="sw-text"
					aria-label="find a layer"
					placeholder="find"
					title="Part of a name or a type; Enter chooses"
					spellcheck={false}
					value={typed.value}
					onInput={(event) => {
						typed.value = event.currentTarget.value;
					}}
					onKeyDown={search}
				/>
			</div>
			<div
				class="sw-rail-list"
				ref={list}
				role="listbox"
				aria-label="layers"
				aria-disabled={!store.editable.value}
				aria-activedescendant={position < 0 ? undefined : `${id}-${at}`}
				tabIndex={0}
				onScroll={(event) => {
					top.value = event.currentTarget.scrollTop;
				}}
				onKeyDown={press}
			>
				<div class="sw-rail-all" style={{ height: `${found.length * ROW}px` }}>
					{rows.map((layer, row) => (
						<LayerRow key={layer.index} id={`${id}-${layer.index}`} layer={layer} y={(first + row) * ROW} />
					))}
					{found.length === 0 && layers.length > 0 && <p class="sw-rail-none sw-soft">no layer has that in its name</p>}
				</div>
			</div>
			<RailEdge wide={wide} />
		</section>
	);
}
