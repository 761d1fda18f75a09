import { snapshotOf } from "../../stage/snapshot";
import { Button } from "../Button";
import { useStore } from "../context";
import { saveBlob } from "../download";
import { CameraIcon } from "../icons";
import { usePane } from "../pane";

/** Downloads what the stage shows, with its title and colour bar; it needs no kernel. */
export function CameraButton() {
	const store = useStore();
	const pane = usePane();
	function take(): void {
		const method = pane.map.peek()?.method ?? "";
		const name = `${store.traits.network.peek().name}_${method}`.replaceAll(/[^\w-]+/g, "_");
		snapshotOf(pane, store.traits, store.theme.dark.peek())?.toBlob((blob) => {
			if (blob) saveBlob(blob, `${name}.png`);
			else store.failure.value = { text: "The browser could not make a picture: use w.save() in Python." };
		});
	}
	return (
		<div class="sw-camera" data-alone={String(pane.scene.space.value !== 2)}>
			<Button
				class="sw-stage-button"
				label="save picture"
				title="Download this picture, with title and colour bar"
				disabled={!pane.map.value || pane.scene.elsewhere.value}
				act={take}
			>
				<CameraIcon />
			</Button>
		</div>
	);
}
