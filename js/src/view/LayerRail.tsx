import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { chooseLayer, stepLayer } from "../steer";
import { useStore } from "./context";
import { LayerRow } from "./LayerRow";

const ROW = 46;
// The rail is never taller than the view (640 px), so no layout is measured to know which rows show.
const WINDOW = Math.ceil(640 / ROW) + 1;
const PAGE = 10;

/** All layers in call order; only the rows in sight exist. */
export function LayerRail() {
	const store = useStore();
	const list = useRef<HTMLDivElement>(null);
	const top = useSignal(0);
	const id = useId();
	const { layers } = store.traits.network.value;
	const at = store.traits.layer_idx.value;
	const shown = store.width.value > 0;
	const first = Math.max(0, Math.floor(top.value / ROW) - 2);
	const rows = layers.slice(first, first + WINDOW + 4);

	useLayoutEffect(() => {
		const node = list.current;
		if (!node || !shown) return;
		const above = at * ROW - node.scrollTop;
		if (above < 0) node.scrollTop = at * ROW;
		else if (above + ROW > node.clientHeight) node.scrollTop = (at + 1) * ROW - node.clientHeight;
		top.value = node.scrollTop;
	}, [at, layers, top, shown]);

	function press(event: KeyboardEvent): void {
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
		<section class="sw-rail">
			<h2 class="sw-title">Layers</h2>
			<div
				class="sw-rail-list"
				ref={list}
				role="listbox"
				aria-label="layers"
				aria-disabled={!store.steerable.value}
				aria-activedescendant={`${id}-${at}`}
				tabIndex={0}
				onScroll={(event) => {
					top.value = event.currentTarget.scrollTop;
				}}
				onKeyDown={press}
			>
				<div class="sw-rail-all" style={{ height: `${layers.length * ROW}px` }}>
					{rows.map((layer) => (
						<LayerRow key={layer.index} id={`${id}-${layer.index}`} layer={layer} y={layer.index * ROW} />
					))}
				</div>
			</div>
		</section>
	);
}
