import { chooseLayer } from "../target/choose";
import { parseLayer } from "../target/layers";
import { formatShape } from "../text/format";
import { useStore } from "../view/context";
import { NumberSlider } from "../view/NumberSlider";
import { Row } from "../view/Row";
import { useTyped } from "../view/typed";

/** Which layer is explained: its number, or a part of its name that no other has. */
export function LayerControl() {
	const store = useStore();
	const { network, layer_idx } = store.traits;
	const { layers } = network.value;
	const layer = store.target.layer.value;
	const { problem, read, forget } = useTyped(layer_idx.value);
	return (
		<Row
			label="layer_idx"
			note={layer ? `${layer.name} · ${layer.kind} · ${formatShape(layer.shape)}` : ""}
			reason={problem}
		>
			<NumberSlider
				name="layer_idx"
				value={layer_idx.value}
				minimum={0}
				maximum={Math.max(0, layers.length - 1)}
				steppers
				disabled={!store.editable.value}
				slide={(value) => chooseLayer(store, value)}
				type={(text) => read(parseLayer(text, layers), (index) => chooseLayer(store, index))}
				edit={forget}
			/>
		</Row>
	);
}
