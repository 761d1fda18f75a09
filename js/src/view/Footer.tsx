import { formatExtent } from "../format";
import { laneCount } from "../lanes";
import { useStore } from "./context";

export function Footer() {
	const { announcement, scene } = useStore();
	const input = scene.input.value;
	const words = input ? [input.name, formatExtent(input.shape.slice(0, -1))] : [];
	if (input?.kind === "signal") {
		const [channels, shown] = [input.shape[1], laneCount(input)];
		words.push(
			shown < channels ? `channels 0 to ${shown - 1} of ${channels}` : `${channels} channel${channels > 1 ? "s" : ""}`,
		);
	}
	return (
		<footer class="sw-footer">
			<span class="sw-footer-image">{words.join(" · ")}</span>
			<span class="sw-hidden" role="status" aria-live="polite">
				{announcement.value}
			</span>
			<span>Space: original · j/k: next image · ? keys</span>
		</footer>
	);
}
