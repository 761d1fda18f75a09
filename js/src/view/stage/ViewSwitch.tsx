import type { View } from "../../stage/input";
import { useStore } from "../context";

const VIEWS: View[] = ["image", "overlay", "map"];

export function ViewSwitch() {
	const { space, view } = useStore().input;
	return (
		<fieldset class="sw-views" aria-label="view">
			{VIEWS.map((name) => (
				<button
					key={name}
					type="button"
					class="sw-view"
					aria-pressed={view.value === name}
					onClick={() => {
						view.value = name;
					}}
				>
					{name === "image" && space.value === 1 ? "signal" : name}
				</button>
			))}
		</fieldset>
	);
}
