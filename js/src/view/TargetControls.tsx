import { AimControl } from "./AimControl";
import { CellControl } from "./CellControl";
import { FilterControl } from "./FilterControl";
import { LayerControl } from "./LayerControl";
import { OutputControl } from "./OutputControl";
import { ScoreControl } from "./ScoreControl";
import { VersusControl } from "./VersusControl";

/** What a map explains and a dream is of. */
export function TargetControls() {
	return (
		<>
			<OutputControl />
			<LayerControl />
			<FilterControl />
			<VersusControl />
			<CellControl />
			<AimControl />
			<ScoreControl />
		</>
	);
}
