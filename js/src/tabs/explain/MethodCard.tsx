import { formulaRuns } from "../../text/formula";
import { useStore } from "../../view/context";
import { usePane } from "../../view/pane";

/** What the method does: its formula, one sentence about this very target, its limits. */
export function MethodCard() {
	const store = useStore();
	const { map, state } = usePane();
	const method = store.method.value;
	if (!method) return null;
	const [before, after] = method.sentence.split("{target}");
	// The kernel's words once the map is there, until then ours.
	const words = state.value === "fresh" ? map.value?.target : store.target.words.value;
	return (
		<section aria-label="about the method">
			<h2 class="sw-title">Method</h2>
			{method.formula && (
				<div class="sw-formula">
					{formulaRuns(method.formula).map(({ text, sub }, at) =>
						sub ? <sub key={at}>{text}</sub> : <span key={at}>{text}</span>,
					)}
				</div>
			)}
			<p class="sw-sentence">
				{before}
				{after !== undefined && <b>{words}</b>}
				{after}
			</p>
			<p class="sw-limits">{method.limits}</p>
			{method.paper && <p class="sw-limits sw-paper">{method.paper}</p>}
		</section>
	);
}
