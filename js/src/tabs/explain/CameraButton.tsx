import { snapshotOf } from "../../stage/snapshot";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { saveBlob } from "../../view/download";
import { CameraIcon } from "../../view/icons";

/** Downloads what the stage shows, with its title and colour bar; it needs no kernel. */
export function CameraButton() {
	const store = useStore();
	function take(): void {
		const method = store.map.peek()?.method ?? "";
		const name = `${store.traits.network.peek().name}_${method}`.replaceAll(/[^\w-]+/g, "_");
		snapshotOf(store)?.toBlob((blob) => {
			if (blob) saveBlob(blob, `${name}.png`);
			else store.failure.value = { text: "The browser could not make a picture: use w.save() in Python." };
		});
	}
	return (
		<div class="sw-camera" data-alone={String(store.scene.space.value !== 2)}>
			<Button
				class="sw-stage-button"
				label="save picture"
				title="Download this picture, with title and colour bar"
				disabled={!store.map.value || store.scene.elsewhere.value}
				act={take}
			>
				<CameraIcon />
			</Button>
		</div>
	);
}
