import { chooseLayer } from "../target/choose";
import { useStore } from "./context";
import { Row } from "./Row";
import { Select } from "./Select";

/** Which of the model's outputs is explained; there only when there are several. */
export function OutputControl() {
	const store = useStore();
	const { layers, outputs } = store.traits.network.value;
	const { ofOutput, output } = store.target;
	if (outputs.length < 2) return null;
	const named = outputs.map(({ layer }) => [String(layer), `${layer} ${layers[layer]?.name ?? ""}`] as const);
	return (
		<Row label="output">
			<Select
				name="output"
				value={ofOutput.value ? String(output.value.layer) : ""}
				choices={ofOutput.value ? named : [["", "none: a hidden layer"], ...named]}
				disabled={!store.editable.value}
				choose={(layer) => layer !== "" && chooseLayer(store, Number(layer))}
			/>
		</Row>
	);
}
