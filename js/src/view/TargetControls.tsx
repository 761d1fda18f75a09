import { AimControl } from "./AimControl";
import { CellControl } from "./CellControl";
import { OutputControl } from "./OutputControl";
import { ScoreControl } from "./ScoreControl";
import { VersusControl } from "./VersusControl";

/** What a map explains and a dream is of, besides the layer and filter of the bar. */
export function TargetControls() {
	return (
		<>
			<OutputControl />
			<VersusControl />
			<CellControl />
			<AimControl />
			<ScoreControl />
		</>
	);
}
