import { classLabel, isShare, topClasses } from "../classes";
import { formatEnd, formatShare } from "../format";
import { useStore } from "./context";

const CHIPS = 5;

/** The best classes of the image; a click makes one the target. */
export function ClassChips() {
	const store = useStore();
	const { labels, layer_idx, filter_indices, network } = store.traits;
	const scores = store.scores.value;
	const filters = filter_indices.value;
	const chosen = layer_idx.value === network.value.output && typeof filters === "number" ? filters : null;
	const shares = isShare(scores?.activation ?? "none");
	return (
		<fieldset class="sw-chips" aria-label="classes">
			<div class="sw-chips-row">
				{topClasses(scores?.values ?? [], CHIPS, chosen).map(({ index, score }) => {
					const label = classLabel(labels.value, index);
					const value = score === null ? "" : shares ? formatShare(score) : formatEnd(score);
					return (
						<button
							key={index}
							type="button"
							class="sw-chip"
							data-testid="chip"
							data-class={index}
							aria-pressed={index === chosen}
							disabled={!store.alive.value}
							title={`${label} (${index}): ${value}`}
							style={{ "--sw-share": shares ? `${100 * (score ?? 0)}%` : "0%" }}
							ref={(chip) => {
								if (index === chosen) chip?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
							}}
							onClick={() => store.chooseClass(index)}
						>
							{index === chosen && <b class="sw-target-mark">A</b>}
							<span class="sw-chip-label">{label}</span>
							<span class="sw-chip-value">{value}</span>
						</button>
					);
				})}
			</div>
		</fieldset>
	);
}
