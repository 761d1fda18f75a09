import { formatEnd } from "../../text/format";
import { useEvidence } from "./context";
import type { Intervention } from "./protocol";

/** How many of the same patches elsewhere do as much; where each lies is in the chart under the view. */
export function ControlLine() {
	const { progress, shown } = useEvidence();
	const now = shown.value;
	const done = now?.controls.length ?? 0;
	return (
		<section class="sw-control" aria-label="control" data-testid="control">
			<div class="sw-title-row">
				<h2 class="sw-title">Control</h2>
				<span class="sw-soft">same shape, turned and moved</span>
				{/* The count that goes on is for the eyes; the verdict is read aloud at its end. */}
				<span class="sw-soft sw-count" data-working={String(progress.value !== null)}>
					{now && !now.final ? `${done} of ${now.wanted}` : ""}
				</span>
			</div>
			<p>{now ? inWords(now) : ""}</p>
		</section>
	);
}

/** "0 of 64 as large; by chance in 1 of 65 cases (p = 0.015)" */
export function inWords({ controls, final, keep, p }: Intervention): string {
	const count = controls.length;
	if (count === 0 || p === null) {
		return final ? "No control is possible here." : "The same patch elsewhere is covered once the hand rests.";
	}
	const asLarge = Math.max(0, Math.round(p * (1 + count)) - 1);
	const what = keep ? "keep as much" : "move it as much";
	return `${asLarge} of ${count} ${what}: by chance in ${asLarge + 1} of ${count + 1} cases (p = ${formatEnd(Number(p.toPrecision(2)))}).`;
}
