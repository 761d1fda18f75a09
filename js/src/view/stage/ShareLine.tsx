import { useStore } from "../context";
import { usePane } from "../pane";

/** How much of the map lies in the region: computed here, as the hand paints. */
export function ShareLine() {
	const { region } = useStore();
	const { map, scene } = usePane();
	const share = scene.elsewhere.value || !scene.onImage.value ? null : region.share(map.value);
	if (!share) return null;
	return (
		<output class="sw-readout sw-share" aria-live={region.painting.value ? "off" : "polite"} data-testid="share">
			{share.sentence}
		</output>
	);
}
