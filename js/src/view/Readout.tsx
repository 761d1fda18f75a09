import type { Signal } from "@preact/signals";
import { formatValue } from "../format";
import { useStore } from "./context";

/** A place on the picture, as shares of its width and height. */
export interface Probe {
	x: number;
	y: number;
}

interface ProbeProps {
	probe: Signal<Probe | null>;
}

/** "x 131 · y 88 · 0.42": the pixel of the image and the raw value of the map there. */
export function Readout({ probe }: ProbeProps) {
	const store = useStore();
	const at = probe.value;
	const [height, width] = store.size.value;
	const map = store.elsewhere.value ? null : store.map.value;
	if (!at) return null;
	const value = map?.values[Math.floor(at.y * map.shape[0]) * map.shape[1] + Math.floor(at.x * map.shape[1])];
	return (
		<output class="sw-readout" aria-live="polite">
			x {Math.floor(at.x * width)} · y {Math.floor(at.y * height)}
			{value !== undefined && ` · ${formatValue(value, store.scale.value?.top ?? 0)}`}
		</output>
	);
}

/** Marks the middle of the pixel that is read. */
export function Crosshair({ probe }: ProbeProps) {
	const at = probe.value;
	const [height, width] = useStore().size.value;
	if (!at) return null;
	const left = (100 * (Math.floor(at.x * width) + 0.5)) / width;
	const top = (100 * (Math.floor(at.y * height) + 0.5)) / height;
	return <span class="sw-crosshair" style={{ left: `${left}%`, top: `${top}%` }} />;
}
