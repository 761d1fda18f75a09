import type { Tab } from "../kernel/traits";
import { laneCount } from "../stage/lanes";
import { formatExtent } from "../text/format";
import { useStore } from "../view/context";
import { Tabs } from "./Tabs";

const HINTS: Record<Tab, string> = {
	explain: "Space: original · j/k: next image · ? keys",
	dream: "Space: pause · Esc: stop · ? keys",
};

/** `panel` is the id of what the tabs change. */
export function Footer({ panel }: { panel: string }) {
	const { announcement, dreams, scene, traits } = useStore();
	const input = scene.input.value;
	const words = input ? [input.name, formatExtent(input.shape.slice(0, -1))] : [];
	if (input?.kind === "signal") {
		const [channels, shown, first] = [input.shape[1], laneCount(input), scene.firstChannel.value];
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
				{traits.tab.value === "dream" ? dreams.announcement.value : announcement.value}
			</span>
			<span class="sw-hints">{HINTS[traits.tab.value]}</span>
		</div>
	);
}
