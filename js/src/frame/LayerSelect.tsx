import { chooseLayer } from "../target/choose";
import { useStore } from "../view/context";
import { layerNote } from "./layerNote";

/** The layers where there is no room for the rail. */
export function LayerSelect() {
	const store = useStore();
	const { layer_idx } = store.traits;
	return (
		<label class="sw-layer-select">
			<span class="sw-title">Layer</span>
			<select
				class="sw-select"
				aria-label="layer"
				disabled={!store.editable.value}
				value={layer_idx.value}
				onChange={(event) => chooseLayer(store, Number(event.currentTarget.value))}
			>
				<LayerOptions />
			</select>
		</label>
	);
}

/** Apart, so that hundreds of options are not compared each time the layer changes. */
function LayerOptions() {
	const store = useStore();
	const { network } = store.traits;
	return (
		<>
			{network.value.layers.map((layer) => (
				<option key={layer.index} value={layer.index} disabled={store.unusable.value.has(layer.index)}>
					{layer.name} · {layerNote(layer, network.value)}
				</option>
			))}
		</>
	);
}
