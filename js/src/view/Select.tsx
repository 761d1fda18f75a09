interface SelectProps {
	name: string;
	value: string;
	choices: readonly (readonly [value: string, label: string])[];
	disabled: boolean;
	choose: (value: string) => void;
}

export function Select({ name, value, choices, disabled, choose }: SelectProps) {
	return (
		<select
			class="sw-select"
			aria-label={name}
			value={value}
			disabled={disabled}
			onChange={(event) => choose(event.currentTarget.value)}
		>
			{choices.map(([choice, label]) => (
				<option key={choice} value={choice}>
					{label}
				</option>
			))}
		</select>
	);
}
