import { useLayoutEffect, useRef } from "preact/hooks";
import { Messages } from "../../view/Messages";
import { ProgressBar } from "../../view/ProgressBar";
import { useDreams } from "./context";
import { DreamGrid } from "./DreamGrid";
import { DreamImages } from "./DreamImages";
import { Invitation } from "./Invitation";
import { followDream } from "./painter";
import { Waiting } from "./Waiting";

/** The dream, where the explained image is in the other tab. */
export function DreamStage() {
	const dreams = useDreams();
	return (
		// biome-ignore lint/a11y/useSemanticElements: no HTML element is a stage
		<div
			class="sw-stage"
			role="group"
			aria-label="dream"
			data-testid="dream-stage"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: Space pauses here
			tabIndex={0}
		>
			<Pictures />
			<Waiting />
			<div class="sw-bottom">
				<DreamLabel />
				<Messages failures={[dreams.failure]} />
			</div>
			<ProgressBar of={dreams.progress} />
		</div>
	);
}

function Pictures() {
	const dreams = useDreams();
	const dream = dreams.dream.value;
	const box = useRef<HTMLDivElement>(null);
	// Anew for each dream, so that its canvases are there before they are painted.
	useLayoutEffect(() => {
		const stage = box.current?.closest<HTMLElement>(".sw-stage");
		return stage ? followDream(dreams, stage) : undefined;
	}, [dreams, dream?.id]);
	return (
		<div class="sw-dream-box" ref={box}>
			{!dream && <Invitation />}
			{dream?.form === "single" && <DreamImages key={dream.id} dream={dream} />}
			{dream?.form === "grid" && <DreamGrid key={dream.id} dream={dream} />}
		</div>
	);
}

/** Why it stands still, where that is not the person's doing. */
function DreamLabel() {
	const now = useDreams().current.value;
	if (now?.state !== "paused" || !now.text) return null;
	return <div class="sw-dream-label">{now.text}</div>;
}
