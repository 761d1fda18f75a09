import { FilterControl } from "./FilterControl";
import { ImageControl } from "./ImageControl";
import { LayerControl } from "./LayerControl";
import { MethodCard } from "./MethodCard";
import { MethodControl } from "./MethodControl";
import { ModifierControl } from "./ModifierControl";
import { Notes } from "./Notes";
import { OptionControls } from "./OptionControls";
import { ScoreControl } from "./ScoreControl";

/** What is asked, and what the answer means. */
export function Inspector() {
	return (
		<aside class="sw-inspector">
			<section class="sw-question" aria-label="question">
				<h2 class="sw-title">Question</h2>
				<MethodControl />
				<LayerControl />
				<FilterControl />
				<ScoreControl />
				<ModifierControl name="backprop_modifier" label="backprop" none="plain" />
				<ModifierControl name="grad_modifier" label="grad_modifier" none="none" />
				<OptionControls />
				<ImageControl />
			</section>
			<div class="sw-meaning">
				<MethodCard />
				<Notes />
			</div>
		</aside>
	);
}
