import { useSignal } from "@preact/signals";

interface NumberSliderProps {
	name: string;
	value: number;
	minimum: number;
	maximum: number;
	step?: number;
	disabled: boolean;
	/** What the text field shows, when that is more than the number. */
	text?: string;
	slide: (value: number) => void;
	/** What was typed, on Enter or when the field is left. */
	type: (text: string) => void;
}

/** A range with a text field beside it; the range speaks with each move, the field when it is done. */
export function NumberSlider(props: NumberSliderProps) {
	const { name, value, minimum, maximum, step = 1, disabled, slide, type } = props;
	const shown = props.text ?? String(value);
	const draft = useSignal<string | null>(null);
	return (
		<>
			<input
				type="range"
				class="sw-range"
				aria-label={name}
				min={minimum}
				max={maximum}
				step={step}
				value={value}
				disabled={disabled}
				onInput={(event) => {
					draft.value = null;
					slide(event.currentTarget.valueAsNumber);
				}}
			/>
			<input
				type="text"
				class="sw-number"
				aria-label={`${name} value`}
				title={shown}
				value={draft.value ?? shown}
				disabled={disabled}
				onInput={(event) => {
					draft.value = event.currentTarget.value;
				}}
				onChange={(event) => {
					draft.value = null;
					type(event.currentTarget.value);
				}}
			/>
		</>
	);
}
