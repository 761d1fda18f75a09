import { useStore } from "./context";
import { Row } from "./Row";
import { Select } from "./Select";

/** Which of the model's inputs the map is for; there only when there are several. */
export function InputControl() {
	const store = useStore();
	const { input_idx, network } = store.traits;
	const { inputs } = network.value;
	if (inputs.length < 2) return null;
	return (
		<Row label="map of input" title="input_idx">
			<Select
				name="map of input"
				value={String(input_idx.value)}
				choices={inputs.map(({ name }, index) => [String(index), name])}
				disabled={!store.alive.value}
				choose={(value) => store.ask({ input_idx: Number(value) })}
			/>
		</Row>
	);
}
