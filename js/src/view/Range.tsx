import { useRef } from "preact/hooks";
import { useWheel, wheelPixels } from "./wheel";

/** Wheel pixels of one step: less than a notch of any mouse, more than a finger's tremble on a touchpad. */
const NOTCH = 50;

const KEYS: Record<string, number> = {
	ArrowLeft: -1,
	ArrowDown: -1,
	ArrowRight: 1,
	ArrowUp: 1,
	PageDown: -10,
	PageUp: 10,
};

interface RangeProps {
	name: string;
	value: number;
	minimum: number;
	maximum: number;
	step?: number;
	disabled?: boolean;
	/** The value as it is read aloud. */
	words?: string;
	/** Each move, also while the hand is still on it. */
	slide: (value: number) => void;
	/** The hand has let go. */
	settle?: () => void;
}

/** A slider: by pointer, by arrow keys (Shift: ten steps), by the wheel. */
export function Range({ name, value, minimum, maximum, step = 1, disabled, words, slide, settle }: RangeProps) {
	const range = useRef<HTMLInputElement>(null);
	const turned = useRef(0);
	// A page that scrolls under a pointer at rest must not move what comes to lie there.
	const pointed = useRef(false);
	function go(steps: number): void {
		slide(stepped(value, steps, minimum, maximum, step));
		settle?.();
	}
	useWheel(range, (event) => {
		const wanted = pointed.current || document.activeElement === range.current;
		if (disabled || !wanted || event.ctrlKey || event.deltaY === 0) return;
		event.preventDefault();
		turned.current += wheelPixels(event);
		const steps = Math.trunc(turned.current / NOTCH);
		if (steps === 0) return;
		turned.current = 0;
		// A notch is 50 to 120 pixels, and one step.
		go(-Math.sign(steps) * Math.max(1, Math.round(Math.abs(steps) / 2.4)));
	});
	return (
		<input
			type="range"
			class="sw-range"
			aria-label={name}
			aria-valuetext={words}
			ref={range}
			min={minimum}
			max={maximum}
			step={step}
			value={value}
			disabled={disabled}
			onInput={(event) => slide(event.currentTarget.valueAsNumber)}
			onChange={settle}
			onPointerMove={({ movementX, movementY }) => {
				if (movementX || movementY) pointed.current = true;
			}}
			onPointerLeave={() => {
				pointed.current = false;
				turned.current = 0;
			}}
			onKeyDown={(event) => {
				const steps = KEYS[event.key];
				if (steps === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
				event.preventDefault();
				go(event.shiftKey && Math.abs(steps) === 1 ? 10 * steps : steps);
			}}
		/>
	);
}

/** `value` moved by some steps, on the grid that begins at the minimum, without the dust of binary fractions. */
export function stepped(value: number, steps: number, minimum: number, maximum: number, step: number): number {
	const at = Math.round((value - minimum) / step) + steps;
	return Math.min(maximum, Math.max(minimum, Number((minimum + at * step).toPrecision(12))));
}
