import { Button } from "./Button";
import { useStore } from "./context";
import { CloseIcon } from "./icons";

/** Says that Python has set the target, and gives the choice of it back to the controls. */
export function TargetChip() {
	const store = useStore();
	const name = store.traits.target.value;
	if (name === "") return null;
	return (
		<div class="sw-target" title={`${name}, set in Python`}>
			<span>
				target: <b>{name}</b>
			</span>
			<Button
				class="sw-strip-close"
				label="clear the target"
				disabled={!store.alive.value}
				act={() => store.ask({ target: "" })}
			>
				<CloseIcon />
			</Button>
		</div>
	);
}
