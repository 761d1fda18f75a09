import type { Signal } from "@preact/signals";
import { channelAt } from "../../stage/lanes";
import type { Pane } from "../../stage/pane";
import { flatIndex, indicesAt, type Probe } from "../../stage/places";
import { formatEnd, formatValue } from "../../text/format";
import { usePane } from "../pane";

/** "x 131 · y 88 · 0.42": the place in the input and the raw value of the map there. */
export function Readout({ probe }: { probe: Signal<Probe | null> }) {
	const pane = usePane();
	const at = probe.value;
	if (!at) return null;
	return (
		<output class="sw-readout" aria-live="polite">
			{[...placeInWords(pane, at), ...valueInWords(pane, at)].join(" · ")}
		</output>
	);
}

function placeInWords({ scene }: Pane, probe: Probe): string[] {
	const indices = scene.indices(probe);
	const [y, x] = indices.slice(-2);
	if (indices.length > 1) return [...(indices.length === 3 ? [`z ${indices[0]}`] : []), `x ${x}`, `y ${y}`];
	const series = scene.series.value;
	const [position = 0] = indices;
	if (!series || !scene.onImage.value) return [`at ${position}`];
	const channel = scene.firstChannel.value + channelAt(probe.y, series);
	const value = formatEnd(series.values[flatIndex([position, channel], series.shape)] as number);
	return [`at ${position}`, `${series.shape[1] > 1 ? `channel ${channel}` : "signal"} ${value}`];
}

function valueInWords({ map, scale, scene }: Pane, probe: Probe): string[] {
	if (!map.value || scene.elsewhere.value) return [];
	const { shape, units, values } = map.value;
	const value = values[flatIndex(indicesAt(scene.at(probe), shape), shape)] as number;
	const words = `${formatValue(value, scale.value?.top ?? 0)} ${units}`.trim();
	return [shape.length === 1 ? `map ${words}` : words];
}
