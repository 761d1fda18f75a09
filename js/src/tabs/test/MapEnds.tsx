import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { BarSpan } from "./BarSpan";
import { barsOf } from "./bars";
import { formatChange } from "./change";
import { useEvidence } from "./context";
import type { End } from "./ends";

const BOTH: End[] = ["strongest", "weakest"];

/** The map against itself, the shortest honest check of one: covering its strongest part should do more than its weakest. */
export function MapEnds() {
	const { alive, region } = useStore();
	const { before, ends } = useEvidence();
	const percent = region.percent.value;
	const tried = ends.value?.percent === percent && ends.value.query === before.map.value?.query ? ends.value : null;
	const bars = barsOf(BOTH.map((end) => tried?.changes[end] ?? 0));
	const disabled = !alive.value || region.refusal.value !== "" || !before.map.value || before.scene.elsewhere.value;
	return (
		<section class="sw-agreement" aria-label="the map against itself" data-testid="ends">
			<div class="sw-title-row">
				<h2 class="sw-title">The map against itself</h2>
				<span class="sw-soft">{tried?.units}</span>
			</div>
			<div class="sw-bar-rows" style={{ "--sw-rows": BOTH.length }}>
				{BOTH.map((end, at) => {
					const change = tried?.changes[end];
					const bar = bars[at];
					return (
						<div key={end} class="sw-bar-row">
							<Button
								class="sw-action"
								title={`Cover the ${end} ${percent}% of the map`}
								disabled={disabled}
								act={() => region[end](before)}
							>
								{end === "strongest" ? "Strongest" : "Weakest"} {percent}%
							</Button>
							<span>
								{bar && change !== undefined && <BarSpan of={bar} kind={end === "strongest" ? "after" : "other"} />}
							</span>
							<span data-tried={String(change !== undefined)}>
								{change === undefined ? "not tried" : formatChange(change)}
							</span>
						</div>
					);
				})}
			</div>
		</section>
	);
}
