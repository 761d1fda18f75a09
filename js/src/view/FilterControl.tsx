import { useSignal } from "@preact/signals";
import { firstFilter, formatFilters, parseFilters } from "../filters";
import { useStore } from "./context";
import { NumberSlider } from "./NumberSlider";
import { Row } from "./Row";

/** A class of the output layer, or filters of another; several are typed: "3, 5, 7". */
export function FilterControl() {
	const store = useStore();
	const { filter_indices, layer_idx, network } = store.traits;
	const problem = useSignal({ text: "", target: "" });
	const filters = filter_indices.value;
	const count = store.layer.value?.filters ?? 0;
	const ofOutput = layer_idx.value === network.value.output;
	const chosen = store.chosenClass.value;
	const target = `${layer_idx.value} ${formatFilters(filters)}`;
	// With none chosen it is the best class of whatever image is shown: say so, and which one that is.
	const best = filters === null && chosen !== null && count > 1;
	const note =
		chosen !== null
			? `${best ? "best: " : ""}${store.className(chosen)}`
			: `of ${count} ${ofOutput ? "outputs" : "filters"}`;
	return (
		<Row label="filter_indices" note={note} reason={problem.value.target === target ? problem.value.text : ""}>
			<NumberSlider
				name="filter_indices"
				value={chosen ?? firstFilter(filters)}
				minimum={0}
				maximum={Math.max(0, count - 1)}
				text={best ? "best" : formatFilters(filters)}
				disabled={!store.alive.value || count === 0}
				slide={(value) => store.ask({ filter_indices: value })}
				type={(text) => {
					const parsed = parseFilters(text, count);
					problem.value = { text: "problem" in parsed ? parsed.problem : "", target };
					if ("filters" in parsed) store.ask({ filter_indices: parsed.filters });
				}}
			/>
		</Row>
	);
}
