import { useLayoutEffect, useRef } from "preact/hooks";
import { isShare, topClasses } from "../classes";
import { useStore } from "./context";
import { reveal } from "./reveal";

const CHIPS = 5;

/** The best classes of the image; a click makes one the target. */
export function ClassChips() {
	const store = useStore();
	const scores = store.scores.value;
	const chosen = store.chosenClass.value;
	const shares = isShare(scores?.activation ?? "none");
	const box = useRef<HTMLFieldSetElement>(null);
	const target = useRef<HTMLButtonElement>(null);
	useLayoutEffect(() => {
		if (box.current && target.current) reveal(box.current, target.current);
	}, [chosen, scores]);
	return (
		<fieldset class="sw-chips" ref={box} aria-label="classes">
			<div class="sw-chips-row">
				{topClasses(scores?.values ?? [], CHIPS, chosen).map(({ index, score }) => {
					const label = store.className(index);
					const value = store.formatScore(score);
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
							ref={index === chosen ? target : undefined}
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
