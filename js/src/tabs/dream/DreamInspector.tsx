import { ImageControl } from "../../view/ImageControl";
import { InputControl } from "../../view/InputControl";
import { MoreButton } from "../../view/MoreButton";
import { Notes } from "../../view/Notes";
import { TargetChip } from "../../view/TargetChip";
import { TargetControls } from "../../view/TargetControls";
import { AllFilters } from "./AllFilters";
import { useDreams } from "./context";
import { DreamSettings } from "./DreamSettings";
import { FilterCard } from "./FilterCard";

/** What is dreamed of, how, and what is known of one image of the dream. */
export function DreamInspector() {
	const dreams = useDreams();
	return (
		<div class="sw-inspector">
			<section class="sw-question" aria-label="target">
				<h2 class="sw-title">Target</h2>
				<TargetChip />
				<TargetControls />
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
		</div>
	);
}
