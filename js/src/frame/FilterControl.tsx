import { chooseFilters } from "../target/choose";
import { firstFilter, formatFilters, parseFilters } from "../target/filters";
import { useStore } from "../view/context";
import { NumberSlider } from "../view/NumberSlider";
import { Row } from "../view/Row";
import { useTyped } from "../view/typed";

/** A class of the output layer, by number or name, or filters of another; several are typed: "3, 5, 7". */
export function FilterControl() {
	const store = useStore();
	const { filter_indices, layer_idx } = store.traits;
	const { chosenClass, farBehind, layer, names, ofOutput } = store.target;
	const filters = filter_indices.value;
	const count = layer.value?.filters ?? 0;
	const chosen = chosenClass.value;
	const { problem, read, forget } = useTyped([layer_idx.value, filters]);
	// With none chosen it is the best class of whatever image is shown: say so, and which one that is.
	const best = filters === null && chosen !== null && count > 1;
	const note =
		chosen !== null
			? `${best ? "best: " : ""}${store.target.className(chosen)}`
			: `of ${count} ${ofOutput.value ? "outputs" : "filters"}`;
	return (
		<Row label="filter_indices" note={farBehind.value || note} reason={problem} marked={farBehind.value !== ""}>
			<NumberSlider
				name="filter_indices"
				value={chosen ?? firstFilter(filters)}
				minimum={0}
				maximum={Math.max(0, count - 1)}
				text={best ? "best" : formatFilters(filters)}
				steppers
				disabled={!store.editable.value || count === 0}
				slide={(value) => chooseFilters(store, value)}
				type={(text) => read(parseFilters(text, count, names.value), (value) => chooseFilters(store, value))}
				edit={forget}
			/>
		</Row>
	);
}
