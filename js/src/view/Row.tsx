import type { ComponentChildren } from "preact";

interface RowProps {
	label: string;
	/** The trait's name where the label is shorter. */
	title?: string;
	/** Why the control can't be used, or what is wrong with what was typed. */
	reason?: string;
	/** One quiet line under the control; its place is kept while empty. */
	note?: string;
	/** The line says what should not be missed. */
	marked?: boolean;
	children: ComponentChildren;
}

/** A control with its name before it, and words under it. */
export function Row({ label, title, reason, note, marked, children }: RowProps) {
	return (
		<div class="sw-row">
			<span class="sw-row-label" title={title ?? label}>
				{label}
			</span>
			<div class="sw-row-control" title={reason}>
				{children}
			</div>
			{(reason || note !== undefined) && (
				<div
					class="sw-row-note"
					data-problem={String(Boolean(reason))}
					data-marked={String(Boolean(marked))}
					title={reason || note}
				>
					{reason || note}
				</div>
			)}
		</div>
	);
}
