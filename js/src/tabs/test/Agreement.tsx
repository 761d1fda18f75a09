import { useStore } from "../../view/context";
import { BarSpan } from "./BarSpan";
import { type Bar, barsOf } from "./bars";
import { formatChange } from "./change";
import { useEvidence } from "./context";
import { depends } from "./disagreement";

/** So many rows have their place kept: three replacements check the chosen one. */
const ROWS = 3;

/** The change when something else is put there. */
export function Agreement() {
	const { traits } = useStore();
	const { shown } = useEvidence();
	const now = shown.value;
	const changes = Object.entries(now?.agreement ?? {});
	const values = changes.map(([, change]) => change);
	const bars = barsOf(values);
	const unsettled = now !== null && depends(values, now.before);
	return (
		<section class="sw-agreement" aria-label="other replacements" data-testid="agreement">
			<div class="sw-title-row">
				<h2 class="sw-title">Other replacements</h2>
				{changes.length > 1 && (
					<span class="sw-agree" data-agree={String(!unsettled)}>
						<span class="sw-dot" aria-hidden="true" />
						{unsettled ? "they differ" : `all ${changes.length} agree`}
					</span>
				)}
			</div>
			<div class="sw-bar-rows" style={{ "--sw-rows": ROWS }}>
				{changes.map(([name, change], at) => (
					<div key={name} class="sw-bar-row" data-own={String(name === now?.replace)}>
						<span title={traits.replacements.value.find((one) => one.name === name)?.title}>{name}</span>
						<span>
							<BarSpan of={bars[at] as Bar} kind={name === now?.replace ? "after" : "other"} />
						</span>
						<span>{formatChange(change)}</span>
					</div>
				))}
			</div>
		</section>
	);
}
