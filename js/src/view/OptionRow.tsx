import type { Layer, MethodOption } from "../kernel/traits";
import { formatSize, parseEach, parseSize } from "../text/size";
import { NumberSlider } from "./NumberSlider";
import { Row } from "./Row";
import { Select } from "./Select";
import { TextField } from "./TextField";
import { useTyped } from "./typed";

interface OptionProps {
	option: MethodOption;
	value: unknown;
	layers: Layer[];
	/** The layer that is explained: what "automatic" comes to may depend on it. */
	explained?: number;
	disabled: boolean;
	choose: (value: unknown) => void;
}

type Typed = Pick<ReturnType<typeof useTyped>, "read" | "forget">;

/** One option with its name before it. */
export function OptionRow(props: OptionProps) {
	const { problem, read, forget } = useTyped(props.value);
	const { option, value } = props;
	const note = typeof option.automatic === "string" ? (value === 0 ? `automatic: ${option.automatic}` : "") : undefined;
	return (
		<Row label={option.label} title={option.help || option.name} note={note} reason={problem}>
			<OptionControl {...props} read={read} forget={forget} />
		</Row>
	);
}

function OptionControl({ option, value, layers, explained, disabled, choose, read, forget }: OptionProps & Typed) {
	if (option.kind === "size") {
		return (
			<TextField
				label={option.name}
				value={formatSize(value)}
				placeholder="rows × columns"
				wide
				disabled={disabled}
				edit={forget}
				type={(text) => read(parseSize(text), choose)}
			/>
		);
	}
	if (option.kind === "number") {
		const { minimum = 0, maximum = 1, step = 1, axes = 1, automatic } = option;
		const numbers = Array.isArray(value) ? value : [value];
		return (
			<NumberSlider
				name={option.name}
				value={typeof numbers[0] === "number" ? numbers[0] : minimum}
				minimum={minimum}
				maximum={maximum}
				step={step}
				text={automatic && value === 0 ? "auto" : numbers.length > 1 ? numbers.join(", ") : undefined}
				disabled={disabled}
				slide={choose}
				edit={forget}
				type={axes > 1 ? (text) => read(parseEach(text, axes, minimum, maximum), choose) : undefined}
			/>
		);
	}
	const entries = optionEntries(option, value, layers, explained);
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

/** An array that Python has set goes over the wire as this word. */
const GIVEN = "given";

/** What can be chosen, as (value, label); a value keeps its JSON type, the select only sees it as text. */
export function optionEntries(
	option: MethodOption,
	value: unknown,
	layers: readonly Layer[],
	explained = 0,
): [unknown, string][] {
	if (option.kind === "layer") {
		const named = (option.layers ?? []).map((at): [unknown, string] => [at, `${at} ${layers[at]?.name ?? ""}`]);
		const found = Array.isArray(option.automatic) ? option.automatic[explained] : undefined;
		const automatic = typeof found === "number" ? `automatic: ${found} ${layers[found]?.name ?? ""}` : "automatic";
		return option.default === null ? [[null, automatic], ...named] : named;
	}
	const choices = option.choices ?? [];
	const given = value === GIVEN && !choices.some(([choice]) => choice === GIVEN);
	return given ? [...choices, [GIVEN, "given (from Python)"]] : choices;
}
