import { BarSpan } from "./BarSpan";
import { type Bar, barsOf } from "./bars";
import { formatChange } from "./change";
import { useEvidence } from "./context";
import type { End } from "./ends";

const BOTH: End[] = ["strongest", "weakest"];

/** The map against itself: does its strongest part count for more than its weakest? */
export function MapEnds() {
	const ends = useEvidence().ends.value;
	if (!ends) return null;
	const { changes, percent, units } = ends;
	const tried = BOTH.filter((end) => changes[end] !== undefined);
	const bars = barsOf(tried.map((end) => changes[end] as number));
	const missing = BOTH.find((end) => changes[end] === undefined);
	return (
		<section class="sw-agreement" aria-label="the map against itself" data-testid="ends">
			<div class="sw-title-row">
				<h2 class="sw-title">The map against itself</h2>
				<span class="sw-soft">{units}</span>
			</div>
			<div class="sw-bar-rows" style={{ "--sw-rows": BOTH.length }}>
				{tried.map((end, at) => (
					<div key={end} class="sw-bar-row">
						<span>
							{end} {percent} %
						</span>
						<span>
							<BarSpan of={bars[at] as Bar} kind={end === "strongest" ? "after" : "other"} />
						</span>
						<span>{formatChange(changes[end] as number)}</span>
					</div>
				))}
				{missing && (
					<p class="sw-soft">
						Press {missing} {percent} % to compare.
					</p>
				)}
			</div>
		</section>
	);
}
