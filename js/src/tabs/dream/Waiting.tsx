import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { CloseIcon } from "../../view/icons";
import { useDreams } from "./context";

/** How many dreams wait for their turn, of which the last can be taken back, and how many were paused for another. */
export function Waiting() {
	const { alive } = useStore();
	const dreams = useDreams();
	const [waiting, paused] = [dreams.waiting.value.length, dreams.aside.value.length];
	if (waiting + paused === 0) return null;
	return (
		<div class="sw-dream-waiting">
			{paused > 0 && (
				<Button
					class="sw-stage-button sw-recall"
					title="Go on with the dream that was paused"
					disabled={!alive.value}
					act={() => dreams.recall()}
				>
					{paused} paused: resume
				</Button>
			)}
			{waiting > 0 && (
				<>
					<span>{waiting} waiting</span>
					<Button
						class="sw-stage-button"
						label="take the last one back"
						disabled={!alive.value}
						act={() => dreams.unqueue()}
					>
						<CloseIcon />
					</Button>
				</>
			)}
		</div>
	);
}
