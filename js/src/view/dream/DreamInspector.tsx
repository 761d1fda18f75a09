import { AimControl } from "../AimControl";
import { CellControl } from "../CellControl";
import { useStore } from "../context";
import { FilterControl } from "../FilterControl";
import { ImageControl } from "../ImageControl";
import { InputControl } from "../InputControl";
import { LayerControl } from "../LayerControl";
import { MoreButton } from "../MoreButton";
import { Notes } from "../Notes";
import { OutputControl } from "../OutputControl";
import { ScoreControl } from "../ScoreControl";
import { TargetChip } from "../TargetChip";
import { VersusControl } from "../VersusControl";
import { AllFilters } from "./AllFilters";
import { DreamSettings } from "./DreamSettings";
import { FilterCard } from "./FilterCard";

/** What is dreamed of, how, and what is known of one image of the dream. */
export function DreamInspector() {
	const { dreams } = useStore();
	return (
		<aside class="sw-inspector">
			<section class="sw-question" aria-label="target">
				<h2 class="sw-title">Target</h2>
				<TargetChip />
				<OutputControl />
				<LayerControl />
				<FilterControl />
				<VersusControl />
				<CellControl />
				<AimControl />
				<ScoreControl />
				<InputControl />
				<ImageControl />
				<MoreButton />
				<AllFilters />
			</section>
			<div class="sw-meaning">
				<DreamSettings />
				<Notes notes={dreams.current.value?.notes ?? []} />
			</div>
			<FilterCard />
		</aside>
	);
}
