import { useStore } from "../../view/context";
import { useEvidence } from "./context";

/** At most this p is out of the ordinary, as verdict.py has it. */
const UNUSUAL = 0.05;

/** The sentence; before there is one, what to do. */
export function Verdict() {
	const { region } = useStore();
	const { covers, fresh, late, shown } = useEvidence();
	const now = shown.value;
	const found = now !== null && now.p !== null && now.p <= UNUSUAL;
	return (
		<section class="sw-verdict" aria-label="verdict" data-found={String(found)}>
			<p class="sw-stale" data-shown={String(late.value && now !== null)}>
				before the last change
			</p>
			{/* Its numbers come closer with each control: only the last are read aloud. */}
			<p aria-live="polite" aria-busy={now !== null && !(fresh.value && now.final)} data-testid="verdict">
				{region.refusal.value
					? region.refusal.value
					: !covers.value
						? `Paint what you want to cover, or press Strongest ${region.percent.value}%.`
						: now
							? now.sentence
									.split(now.target || "\0")
									.flatMap((part, at) => (at ? [<b key={at}>{now.target}</b>, part] : part))
							: "Covered. The first numbers are on their way."}
			</p>
		</section>
	);
}
