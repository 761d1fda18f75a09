import type { ComponentChildren, Ref } from "preact";

interface ButtonProps {
	class: string;
	/** What it is called where only an icon shows. */
	label?: string;
	/** What the pointer is told, when that is more than the label. */
	title?: string;
	disabled?: boolean;
	/** A button that opens something: whether it is open. */
	expanded?: boolean;
	"aria-haspopup"?: "menu";
	"aria-pressed"?: boolean;
	"aria-disabled"?: boolean;
	"data-testid"?: string | undefined;
	"data-shown"?: string;
	elementRef?: Ref<HTMLButtonElement>;
	act: (event: MouseEvent & { currentTarget: HTMLButtonElement }) => void;
	children: ComponentChildren;
}

export function Button({ label, title = label, expanded, elementRef, act, ...rest }: ButtonProps) {
	return (
		<button
			type="button"
			aria-label={label}
			title={title}
			aria-expanded={expanded}
			ref={elementRef}
			onClick={act}
			{...rest}
		/>
	);
}
