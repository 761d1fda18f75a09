import type { View } from "../store";
import { useStore } from "./context";

const VIEWS: View[] = ["image", "overlay", "map"];

export function ViewSwitch() {
	const { view } = useStore();
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
					{name}
				</button>
			))}
		</fieldset>
	);
}
