import type { Layer } from "../kernel/traits";
import { pickLayer } from "../target/choose";
import { useStore } from "../view/context";
import { LayerIcon } from "../view/icons";
import { LayerThumbnail } from "./LayerThumbnail";
import { layerNote } from "./layerNote";

export function LayerRow({ id, layer, y }: { id: string; layer: Layer; y: number }) {
	const store = useStore();
	const { layer_idx, network } = store.traits;
	const refusal = store.unusable.value.get(layer.index);
	const title = `${layer.name} (${layer.kind})`;
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it has the keys
		<div
			id={id}
			class="sw-layer"
			role="option"
			tabIndex={-1}
			aria-selected={layer.index === layer_idx.value}
			aria-posinset={layer.index + 1}
			aria-setsize={network.value.layers.length}
			aria-description={refusal}
			data-unusable={String(refusal !== undefined)}
			title={refusal === undefined ? title : `${title}: ${refusal}`}
			style={{ transform: `translateY(${y}px)` }}
			onClick={() => pickLayer(store, layer.index)}
		>
			<LayerThumbnail index={layer.index} kind={layer.kind} />
			<div class="sw-layer-words">
				<div class="sw-layer-name">{layer.name}</div>
				<div class="sw-layer-note sw-soft">
					<LayerIcon kind={layer.kind} />
					<span>{layerNote(layer, network.value)}</span>
				</div>
			</div>
		</div>
	);
}
