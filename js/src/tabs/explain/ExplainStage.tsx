import { RegionTools } from "../../view/stage/RegionTools";
import { Stage } from "../../view/stage/Stage";

/** The map over the image, and what marks a region of it. */
export function ExplainStage() {
	return (
		<>
			<RegionTools />
			<Stage />
		</>
	);
}
