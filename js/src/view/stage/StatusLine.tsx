import { formatPercent } from "../../text/format";

interface StatusLineProps {
	state: string;
	/** What shows while nothing runs. */
	words: string;
	working: boolean;
	/** It was stopped, and can be asked once more. */
	stopped: boolean;
	progress: number | null;
	act: () => void;
}

/** The dot, the time of the answer, and Stop with how far it is, or Ask again; they keep their place while nothing runs. */
export function StatusLine({ state, words, working, stopped, progress, act }: StatusLineProps) {
	return (
		<div class="sw-status" data-state={state} data-working={String(working)}>
			<span class="sw-dot" />
			<span class="sw-status-words" data-shown={String(!working && !stopped)}>
				{words}
			</span>
			<button
				type="button"
				class="sw-stop"
				data-shown={String(working || stopped)}
				disabled={!working && !stopped}
				title={stopped ? undefined : "Stop (Esc)"}
				onClick={(event) => {
					act();
					// The button is about to hide; the keys go on working from the frame.
					event.currentTarget.closest<HTMLElement>(".sw-frame")?.focus({ preventScroll: true });
				}}
			>
				{stopped ? "Ask again" : "Stop"}
			</button>
			<span class="sw-percent">{progress === null ? "" : formatPercent(progress)}</span>
		</div>
	);
}
