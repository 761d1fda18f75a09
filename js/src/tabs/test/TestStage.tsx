import { inPane } from "../../view/pane";
import { RegionTools } from "../../view/stage/RegionTools";
import { Stage } from "../../view/stage/Stage";
import { EditedPicture } from "./EditedPicture";
import { OLD } from "./panes";

const Tools = inPane(OLD, RegionTools);
const Image = inPane(OLD, Stage);

/** The image with the region, and beside it what becomes of it. */
export function TestStage() {
	return (
		<div class="sw-test" data-testid="test-stage">
			<Tools />
			<div class="sw-pair">
				<Image />
				<EditedPicture />
			</div>
		</div>
	);
}
