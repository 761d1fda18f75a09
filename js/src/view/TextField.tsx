import { useSignal } from "@preact/signals";

interface TextFieldProps {
	label: string;
	value: string;
	placeholder?: string;
	/** Takes the room that is left; else it is as wide as a number. */
	wide?: boolean;
	disabled: boolean;
	/** Something is being typed: what was said of earlier text holds no longer. */
	edit?: (() => void) | undefined;
	/** The arrow keys, of a field that holds a number. */
	turn?: (steps: number) => void;
	/** What was typed, on Enter or when the field is left. */
	type: (text: string) => void;
}

/** Text that counts once it is done; until then it is nobody's but the person's. */
export function TextField({ label, value, placeholder, wide, disabled, edit, turn, type }: TextFieldProps) {
	const draft = useSignal<{ text: string; of: string } | null>(null);
	// A value that changes meanwhile (a slider moves, Python sets it) takes the place of what was begun.
	const shown = draft.value?.of === value ? draft.value.text : value;
	function commit(text: string): void {
		// Enter is a change as well, and where it is not the field is left later.
		if (!draft.value) return;
		draft.value = null;
		type(text);
	}
	function press(event: KeyboardEvent & { currentTarget: HTMLInputElement }): void {
		const steps = turn && { ArrowUp: 1, ArrowDown: -1 }[event.key];
		if (event.key === "Enter") commit(event.currentTarget.value);
		else if (event.key === "Escape" && draft.value) draft.value = null;
		else if (steps && !draft.value) turn(event.shiftKey ? 10 * steps : steps);
		else return;
		event.preventDefault();
	}
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
				edit?.();
			}}
			onChange={(event) => commit(event.currentTarget.value)}
			onKeyDown={press}
		/>
	);
}
