import { TextField } from "./TextField";

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
	/** What was typed, when that may be more than a number of the range. */
	type?: (text: string) => void;
}

/** A range with a text field beside it; the range speaks with each move, the field when it is done. */
export function NumberSlider(props: NumberSliderProps) {
	const { name, value, minimum, maximum, step = 1, disabled, slide } = props;
	function within(text: string): void {
		const typed = Number(text);
		if (text.trim() && Number.isFinite(typed)) slide(Math.min(maximum, Math.max(minimum, typed)));
	}
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
				onInput={(event) => slide(event.currentTarget.valueAsNumber)}
			/>
			<TextField
				label={`${name} value`}
				value={props.text ?? String(value)}
				disabled={disabled}
				type={props.type ?? within}
			/>
		</>
	);
}
