import { useStore } from "./context";
import { Row } from "./Row";
import { Select } from "./Select";

export function ScoreControl() {
	const store = useStore();
	const { choices, refusals, score } = store.traits;
	const refusal = refusals.value.score;
	return (
		<Row label="score" reason={refusal}>
			<Select
				name="score"
				value={score.value}
				choices={choices.value.score}
				disabled={!store.editable.value || refusal !== ""}
				choose={(value) => store.ask({ score: value })}
			/>
		</Row>
	);
}
