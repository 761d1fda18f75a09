import { FilterControl } from "./FilterControl";
import { LayerControl } from "./LayerControl";

/** The layer and the filter that are explained or dreamed of, with the room that it takes to hit one of hundreds. */
export function TargetBar() {
	return (
		<fieldset class="sw-target-bar" aria-label="layer and filter">
			<LayerControl />
			<FilterControl />
		</fieldset>
	);
}
