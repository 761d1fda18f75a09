import type { Signal } from "@preact/signals";
import type { Probe } from "../../stage/places";
import { usePane } from "../pane";

/** Marks the middle of the pixel that is read; of a signal, the position. */
export function Crosshair({ probe }: { probe: Signal<Probe | null> }) {
	const { scene } = usePane();
	const at = probe.value;
	const [height, width] = scene.plane.value;
	if (!at) return null;
	const left = `${(100 * (Math.floor(at.x * width) + 0.5)) / width}%`;
	if (scene.extent.value.length === 1) return <span class="sw-crossline" style={{ left }} />;
	const top = `${(100 * (Math.floor(at.y * height) + 0.5)) / height}%`;
	return <span class="sw-crosshair" style={{ left, top }} />;
}
