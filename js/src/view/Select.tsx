export type Choice = readonly [value: string, label: string, group?: string];

interface SelectProps {
	name: string;
	value: string;
	/** Those of one group stand together, under its name. */
	choices: readonly Choice[];
	disabled: boolean;
	choose: (value: string) => void;
}

export function Select({ name, value, choices, disabled, choose }: SelectProps) {
	const groups = [...new Set(choices.map(([, , group]) => group))];
	return (
		<select
			class="sw-select"
			aria-label={name}
			title={choices.find(([choice]) => choice === value)?.[1]}
			value={value}
			disabled={disabled}
			onChange={(event) => choose(event.currentTarget.value)}
		>
			{groups.map((group) => {
				const inside = choices.filter(([, , of]) => of === group).map(option);
				return group ? (
					<optgroup key={group} label={group}>
						{inside}
					</optgroup>
				) : (
					inside
				);
			})}
		</select>
	);
}

function option([value, label]: Choice) {
	return (
		<option key={value} value={value}>
			{label}
		</option>
	);
}
