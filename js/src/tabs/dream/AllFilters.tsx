import { isOutput, unitOf } from "../../target/network";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { useDreams } from "./context";

/** Starts the grid: a dream of each filter of the layer. */
export function AllFilters() {
	const store = useStore();
	const dreams = useDreams();
	const { dream_refusal, network } = store.traits;
	const { layer, output } = store.target;
	const count = layer.value?.filters ?? 0;
	if (!layer.value || count < 2) return null;
	const unit = !isOutput(layer.value, network.value)
		? "filters"
		: unitOf(output.value) === "class"
			? "classes"
			: "outputs";
	return (
		<Button
			class="sw-action sw-all-filters"
			data-testid="dream-filters"
			title={`A dream of each of the ${count} ${unit} of ${layer.value.name}, a few at a time`}
			disabled={!store.alive.value || dream_refusal.value !== ""}
			act={() => dreams.start("dream_filters")}
		>
			Dream all {count} {unit}
		</Button>
	);
}
