import { useStore } from "../context";
import { ImageControl } from "../ImageControl";
import { InputControl } from "../InputControl";
import { MoreButton } from "../MoreButton";
import { Notes } from "../Notes";
import { TargetChip } from "../TargetChip";
import { TargetControls } from "../TargetControls";
import { AllFilters } from "./AllFilters";
import { DreamSettings } from "./DreamSettings";
import { FilterCard } from "./FilterCard";

/** What is dreamed of, how, and what is known of one image of the dream. */
export function DreamInspector() {
	const { dreams } = useStore();
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
