import { Button } from "./Button";
import { Range, stepped } from "./Range";
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
	/** Buttons for one step, where there is room. */
	steppers?: boolean;
	slide: (value: number) => void;
	/** What was typed, when that may be more than a number of the range. */
	type?: (text: string) => void;
	/** Something is being typed. */
	edit?: () => void;
}

/** A range with a text field beside it; the range speaks with each move, the field when it is done. */
export function NumberSlider(props: NumberSliderProps) {
	const { name, value, minimum, maximum, step = 1, disabled, steppers, edit, slide } = props;
	function within(text: string): void {
		const typed = Number(text);
		if (text.trim() && Number.isFinite(typed)) slide(Math.min(maximum, Math.max(minimum, typed)));
	}
	function turn(steps: number): void {
		slide(stepped(value, steps, minimum, maximum, step));
	}
	return (
		<>
			{steppers && <Stepper name={name} steps={-1} end={value <= minimum} disabled={disabled} turn={turn} />}
			<Range
				name={name}
				value={value}
				minimum={minimum}
				maximum={maximum}
				step={step}
				disabled={disabled}
				slide={slide}
			/>
			{steppers && <Stepper name={name} steps={1} end={value >= maximum} disabled={disabled} turn={turn} />}
			<TextField
				label={`${name} value`}
				value={props.text ?? String(value)}
				disabled={disabled}
				edit={edit}
				turn={turn}
				type={props.type ?? within}
			/>
		</>
	);
}

interface StepperProps {
	name: string;
	steps: 1 | -1;
	/** There is nothing farther that way. The button stays, and with it the focus. */
	end: boolean;
	disabled: boolean;
	turn: (steps: number) => void;
}

function Stepper({ name, steps, end, disabled, turn }: StepperProps) {
	return (
		<Button
			class="sw-step"
			label={`${name} ${steps > 0 ? "up" : "down"}`}
			title={steps > 0 ? "One up" : "One down"}
			aria-disabled={end}
			disabled={disabled}
			act={() => {
				if (!end) turn(steps);
			}}
		>
			{steps > 0 ? "+" : "−"}
		</Button>
	);
}
