import { useStore } from "../../view/context";
import { Row } from "../../view/Row";
import { Select } from "../../view/Select";

interface ModifierControlProps {
	name: "backprop_modifier" | "grad_modifier";
	label: string;
	/** What no modifier is called. */
	none: string;
}

export function ModifierControl({ name, label, none }: ModifierControlProps) {
	const store = useStore();
	const { choices, refusals } = store.traits;
	const method = store.method.value;
	const gradientless = method && !method.gradient ? `${method.title} uses no gradient.` : "";
	const reason = gradientless || (name === "backprop_modifier" ? refusals.value.backprop_modifier : "");
	const value = store.traits[name].value;
	return (
		<Row label={label} title={name} reason={reason}>
			<Select
				name={name}
				value={value ?? ""}
				choices={[["", none], ...choices.value[name].map((choice) => [choice, choice] as const)]}
				// What a cell has set in vain can still be taken back here.
				disabled={!store.alive.value || (reason !== "" && value === null)}
				choose={(value) => store.ask({ [name]: value || null })}
			/>
		</Row>
	);
}
