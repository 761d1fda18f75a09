import type { Aim } from "../kernel/traits";
import { firstFilter } from "../target/filters";
import { formatEnd } from "../text/format";
import { useStore } from "./context";
import { isFolded } from "./fold";
import { Row } from "./Row";
import { Select } from "./Select";
import { TextField } from "./TextField";

const TOWARDS = "towards";

/** What the score should do: one of the words, or come closer to a value. */
export function AimControl() {
	const store = useStore();
	const { aim, choices, filter_indices } = store.traits;
	const { chosenClass, ofOutput, scores } = store.target;
	if (isFolded(store, "aim")) return null;
	const value = aim.value;
	const towards = typeof value === "number";
	const score = ofOutput.value
		? (scores.value?.values[chosenClass.value ?? firstFilter(filter_indices.value)] ?? null)
		: null;

	function choose(chosen: Aim): void {
		store.unfolded.value = true;
		store.ask({ aim: chosen });
	}
	return (
		<Row label="aim" note={towards && score !== null ? `now ${formatEnd(score)}` : undefined}>
			<Select
				name="aim"
				value={towards ? TOWARDS : value}
				choices={[...choices.value.aim, [TOWARDS, "towards a value…"]]}
				disabled={!store.editable.value}
				choose={(chosen) => choose(chosen === TOWARDS ? Number((score ?? 0).toPrecision(3)) : chosen)}
			/>
			{towards && (
				<TextField
					label="aim value"
					value={String(value)}
					wide
					disabled={!store.editable.value}
					type={(text) => {
						const typed = Number(text.replace("−", "-"));
						if (text.trim() && Number.isFinite(typed)) choose(typed);
					}}
				/>
			)}
		</Row>
	);
}
