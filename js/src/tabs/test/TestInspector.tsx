import { ImageControl } from "../../view/ImageControl";
import { InputControl } from "../../view/InputControl";
import { MoreButton } from "../../view/MoreButton";
import { Notes } from "../../view/Notes";
import { TargetChip } from "../../view/TargetChip";
import { TargetControls } from "../../view/TargetControls";
import { Agreement } from "./Agreement";
import { ControlLine } from "./ControlLine";
import { useEvidence } from "./context";
import { MapEnds } from "./MapEnds";
import { ScoreTable } from "./ScoreTable";
import { Verdict } from "./Verdict";

/** What covering has done, beside its control, and what was asked. */
export function TestInspector() {
	const { late, shown } = useEvidence();
	return (
		<div class="sw-inspector sw-test-inspector" data-testid="test-inspector">
			<div class="sw-found" data-late={String(late.value && shown.value !== null)}>
				<Verdict />
				<MapEnds />
				<ScoreTable />
				<ControlLine />
			</div>
			<div class="sw-found" data-late={String(late.value && shown.value !== null)}>
				<Agreement />
				<div class="sw-meaning">
					<Notes notes={shown.value?.notes ?? []} />
				</div>
				<section class="sw-question" aria-label="question">
					<h2 class="sw-title">Question</h2>
					<TargetChip />
					<TargetControls />
					<InputControl />
					<ImageControl />
					<MoreButton />
				</section>
			</div>
		</div>
	);
}
