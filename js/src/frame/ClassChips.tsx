import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { chooseBest, chooseClass, compareWith, toggleOther } from "../target/choose";
import { isShare, topClasses } from "../target/classes";
import { useStore } from "../view/context";
import { reveal } from "../view/reveal";

const CHIPS = 5;

/**
 * The best classes of the image; a click makes one the target, a click with Shift, or after "− B", the one that is
 * subtracted. The chosen ones stick to the edges of the row: they are never out of sight.
 */
export function ClassChips() {
	const store = useStore();
	const scores = store.target.scores.value;
	const chosen = store.target.chosenClass.value;
	const other = store.target.otherClass.value;
	const shares = isShare(scores?.activation ?? "none");
	const picking = useSignal(false);
	const several = store.target.classes.value > 1;
	const box = useRef<HTMLFieldSetElement>(null);
	const target = useRef<HTMLButtonElement>(null);
	useLayoutEffect(() => {
		if (box.current && target.current) reveal(box.current, target.current);
	}, [chosen, scores]);
	return (
		<>
			{several && (
				<div class="sw-chip-modes">
					<button
						type="button"
						class="sw-chip"
						data-testid="best"
						aria-pressed={store.traits.filter_indices.value === null && chosen !== null}
						disabled={!store.editable.value}
						title="Explain the best class of whichever image shows"
						onClick={() => chooseBest(store)}
					>
						best
					</button>
					<button
						type="button"
						class="sw-chip"
						data-testid="subtract"
						aria-pressed={other !== null || picking.value}
						disabled={!store.editable.value || chosen === null}
						title={
							other === null
								? "A − B: click here, then on the class that is subtracted (or Shift+click on it)"
								: "Explain A alone again, without B"
						}
						onClick={() => {
							if (other === null) picking.value = !picking.value;
							else compareWith(store, null);
						}}
					>
						− B
					</button>
				</div>
			)}
			<fieldset class="sw-chips" ref={box} aria-label="classes" data-picking={String(picking.value)}>
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
								data-other={String(index === other)}
								aria-pressed={index === chosen}
								disabled={!store.editable.value}
								title={`${label} (${index}): ${value}`}
								style={{ "--sw-share": shares ? `${100 * (score ?? 0)}%` : "0%" }}
								ref={index === chosen ? target : undefined}
								onClick={(event) => {
									(event.shiftKey || picking.value ? toggleOther : chooseClass)(store, index);
									picking.value = false;
								}}
							>
								{index === chosen && <Mark title="A: this class is explained">A</Mark>}
								{index === other && <Mark title="B: its score is subtracted from that of A">− B</Mark>}
								<span class="sw-chip-label">{label}</span>
								<span class="sw-chip-value">{value}</span>
							</button>
						);
					})}
				</div>
			</fieldset>
		</>
	);
}

function Mark({ title, children }: { title: string; children: string }) {
	return (
		<b class="sw-target-mark" title={title}>
			{children}
		</b>
	);
}
