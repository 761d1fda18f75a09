import { useLayoutEffect, useRef } from "preact/hooks";
import { isShare, topClasses } from "../classes";
import { chooseClass, toggleOther } from "../steer";
import { useStore } from "./context";
import { reveal } from "./reveal";

const CHIPS = 5;

/** The best classes of the image; a click makes one the target, a click with Shift the one that is subtracted. */
export function ClassChips() {
	const store = useStore();
	const scores = store.target.scores.value;
	const chosen = store.target.chosenClass.value;
	const other = store.target.otherClass.value;
	const shares = isShare(scores?.activation ?? "none");
	const box = useRef<HTMLFieldSetElement>(null);
	const target = useRef<HTMLButtonElement>(null);
	useLayoutEffect(() => {
		if (box.current && target.current) reveal(box.current, target.current);
	}, [chosen, scores]);
	return (
		<fieldset class="sw-chips" ref={box} aria-label="classes">
			<div class="sw-chips-row">
				{topClasses(scores?.values ?? [], CHIPS, [chosen, other]).map(({ index, score }) => {
					const label = store.target.className(index);
					const value = store.target.formatScore(score);
					return (
						<button
							key={index}
							type="button"
							class="sw-chip"
							data-testid="chip"
							data-class={index}
							aria-pressed={index === chosen}
							disabled={!store.steerable.value}
							title={`${label} (${index}): ${value}`}
							style={{ "--sw-share": shares ? `${100 * (score ?? 0)}%` : "0%" }}
							ref={index === chosen ? target : undefined}
							onClick={(event) => (event.shiftKey ? toggleOther : chooseClass)(store, index)}
						>
							{index === chosen && <b class="sw-target-mark">A</b>}
							{index === other && <b class="sw-target-mark">− B</b>}
							<span class="sw-chip-label">{label}</span>
							<span class="sw-chip-value">{value}</span>
						</button>
					);
				})}
			</div>
		</fieldset>
	);
}
