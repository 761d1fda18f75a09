import { Button } from "../Button";
import { useStore } from "../context";
import { CloseIcon } from "../icons";

/** How many dreams wait for their turn; the last one can be taken back. */
export function Waiting() {
	const { alive, dreams } = useStore();
	const count = dreams.waiting.value.length;
	if (count === 0) return null;
	return (
		<div class="sw-dream-waiting">
			{count} waiting
			<Button
				class="sw-stage-button"
				label="take the last one back"
				disabled={!alive.value}
				act={() => dreams.unqueue()}
			>
				<CloseIcon />
			</Button>
		</div>
	);
}
