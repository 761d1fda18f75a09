import { laneCount } from "../stage/lanes";
import { formatExtent } from "../text/format";
import { useStore } from "../view/context";
import { Tabs } from "./Tabs";

/** `panel` is the id of what the tabs change. */
export function Footer({ panel }: { panel: string }) {
	const store = useStore();
	const { hint, open } = store.tab.value;
	const input = store.input.input.value;
	const words = input ? [input.name, formatExtent(input.shape.slice(0, -1))] : [];
	if (input?.kind === "signal") {
		const [channels, shown, first] = [input.shape[1], laneCount(input), store.input.firstChannel.value];
		words.push(
			shown < channels
				? `channels ${first} to ${first + shown - 1} of ${channels}`
				: `${channels} channel${channels > 1 ? "s" : ""}`,
		);
	}
	return (
		<div class="sw-footer">
			<Tabs controls={panel} />
			<span class="sw-footer-image">{words.join(" · ")}</span>
			<span class="sw-hidden" role="status" aria-live="polite">
				{store.stateOf(open).announcement.value}
			</span>
			<span class="sw-hints">{hint}</span>
		</div>
	);
}
