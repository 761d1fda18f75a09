import { ImageControl } from "../../view/ImageControl";
import { InputControl } from "../../view/InputControl";
import { MoreButton } from "../../view/MoreButton";
import { Notes } from "../../view/Notes";
import { usePane } from "../../view/pane";
import { TargetChip } from "../../view/TargetChip";
import { TargetControls } from "../../view/TargetControls";
import { MethodCard } from "./MethodCard";
import { MethodControl } from "./MethodControl";
import { ModifierControl } from "./ModifierControl";
import { OptionControls } from "./OptionControls";
import { SeedControl } from "./SeedControl";

/** What is asked, and what the answer means. */
export function Inspector() {
	const { map } = usePane();
	return (
		<div class="sw-inspector">
			<section class="sw-question" aria-label="question">
				<h2 class="sw-title">Question</h2>
				<TargetChip />
				<MethodControl />
				<TargetControls />
				<ModifierControl name="backprop_modifier" label="backprop" none="plain" />
				<ModifierControl name="grad_modifier" label="grad_modifier" none="none" />
				<OptionControls />
				<SeedControl />
				<InputControl />
				<ImageControl />
				<MoreButton />
			</section>
			<div class="sw-meaning">
				<MethodCard />
				<Notes notes={map.value?.notes ?? []} />
			</div>
		</div>
	);
}
