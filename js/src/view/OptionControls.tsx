import { deepEqual } from "../question";
import type { Layer, MethodOption } from "../traits";
import { useStore } from "./context";
import { NumberSlider } from "./NumberSlider";
import { Row } from "./Row";
import { Select } from "./Select";

/** The method's own options, made from its declaration. */
export function OptionControls() {
	const store = useStore();
	const { options, network } = store.traits;
	function choose(option: MethodOption, value: unknown): void {
		const { [option.name]: _, ...others } = options.value;
		store.ask({ options: deepEqual(value, option.default) ? others : { ...others, [option.name]: value } });
	}
	return (
		<>
			{store.method.value?.options.map((option) => (
				<Row key={option.name} label={option.label} title={option.name}>
					<OptionControl
						option={option}
						value={option.name in options.value ? options.value[option.name] : option.default}
						layers={network.value.layers}
						disabled={!store.alive.value}
						choose={(value) => choose(option, value)}
					/>
				</Row>
			))}
		</>
	);
}

interface OptionControlProps {
	option: MethodOption;
	value: unknown;
	layers: Layer[];
	disabled: boolean;
	choose: (value: unknown) => void;
}

function OptionControl({ option, value, layers, disabled, choose }: OptionControlProps) {
	if (option.kind === "number") {
		const { minimum = 0, maximum = 1, step = 1 } = option;
		const number = typeof value === "number" ? value : minimum;
		return (
			<NumberSlider
				name={option.name}
				value={number}
				minimum={minimum}
				maximum={maximum}
				step={step}
				disabled={disabled}
				slide={choose}
				type={(text) => {
					const typed = Number(text);
					if (text.trim() && Number.isFinite(typed)) choose(Math.min(maximum, Math.max(minimum, typed)));
				}}
			/>
		);
	}
	const entries = optionEntries(option, layers);
	return (
		<Select
			name={option.name}
			value={String(value ?? "")}
			choices={entries.map(([entry, label]) => [String(entry ?? ""), label])}
			disabled={disabled}
			choose={(chosen) => choose(entries.find(([entry]) => String(entry ?? "") === chosen)?.[0])}
		/>
	);
}

/** What can be chosen, as (value, label); a value keeps its JSON type, the select only sees it as text. */
export function optionEntries(option: MethodOption, layers: readonly Layer[]): [unknown, string][] {
	if (option.kind === "choice") return option.choices ?? [];
	const named = (option.layers ?? []).map((at): [unknown, string] => [at, `${at} ${layers[at]?.name ?? ""}`]);
	return option.default === null ? [[null, "automatic"], ...named] : named;
}
