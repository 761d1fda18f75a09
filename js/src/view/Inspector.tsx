import { useStore } from "./context";
import { ImageControl } from "./ImageControl";
import { InputControl } from "./InputControl";
import { MethodCard } from "./MethodCard";
import { MethodControl } from "./MethodControl";
import { ModifierControl } from "./ModifierControl";
import { MoreButton } from "./MoreButton";
import { Notes } from "./Notes";
import { OptionControls } from "./OptionControls";
import { SeedControl } from "./SeedControl";
import { TargetChip } from "./TargetChip";
import { TargetControls } from "./TargetControls";

/** What is asked, and what the answer means. */
export function Inspector() {
	const { map } = useStore();
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
