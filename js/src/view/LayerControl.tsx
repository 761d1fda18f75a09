import { chooseLayer } from "../steer";
import { useStore } from "./context";
import { NumberSlider } from "./NumberSlider";
import { Row } from "./Row";

export function LayerControl() {
	const store = useStore();
	const { network, layer_idx } = store.traits;
	const last = Math.max(0, network.value.layers.length - 1);
	const layer = store.target.layer.value;
	return (
		<Row label="layer_idx" note={layer ? `${layer.name} · ${layer.kind}` : ""}>
			<NumberSlider
				name="layer_idx"
				value={layer_idx.value}
				minimum={0}
				maximum={last}
				disabled={!store.steerable.value}
				slide={(value) => chooseLayer(store, value)}
				type={(text) => {
					const value = Number.parseInt(text, 10);
					if (Number.isInteger(value)) chooseLayer(store, Math.min(last, Math.max(0, value)));
				}}
			/>
		</Row>
	);
}
