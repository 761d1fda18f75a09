import { formatPercent } from "../format";
import { useStore } from "./context";

/** A thin line along the stage's lower edge while a better map is on its way. */
export function ProgressBar() {
	const progress = useStore().progress.value;
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
