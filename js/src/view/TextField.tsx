import { useSignal } from "@preact/signals";

interface TextFieldProps {
	label: string;
	value: string;
	placeholder?: string;
	/** Takes the room that is left; else it is as wide as a number. */
	wide?: boolean;
	disabled: boolean;
	/** What was typed, on Enter or when the field is left. */
	type: (text: string) => void;
}

/** Text that counts once it is done; until then it is nobody's but the person's. */
export function TextField({ label, value, placeholder, wide, disabled, type }: TextFieldProps) {
	const draft = useSignal<{ text: string; of: string } | null>(null);
	// A value that changes meanwhile (a slider moves, Python sets it) takes the place of what was begun.
	const shown = draft.value?.of === value ? draft.value.text : value;
	return (
		<input
			type="text"
			class={wide ? "sw-text" : "sw-number"}
			aria-label={label}
			title={value}
			placeholder={placeholder}
			value={shown}
			disabled={disabled}
			onInput={(event) => {
				draft.value = { text: event.currentTarget.value, of: value };
			}}
			onChange={(event) => {
				draft.value = null;
				type(event.currentTarget.value);
			}}
		/>
	);
}
