import type { ReadonlySignal } from "@preact/signals";
import { formatPercent } from "../text/format";

/** A thin line along the stage's lower edge while more is on its way. */
export function ProgressBar({ of }: { of: ReadonlySignal<number | null> }) {
	const progress = of.value;
	if (progress === null) return null;
	return (
		<div
			class="sw-progress"
			role="progressbar"
			aria-label="progress"
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={Math.floor(100 * progress)}
			aria-valuetext={formatPercent(progress)}
		>
			<span style={{ transform: `scaleX(${progress})` }} />
		</div>
	);
}
