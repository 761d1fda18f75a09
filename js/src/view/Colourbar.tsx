import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatEnd } from "../format";
import { paint, type Scale } from "../paint";
import { putPixels } from "../painter";
import type { Store } from "../store";
import { useStore } from "./context";

const STEPS = 256;

/** The colours between their real end values; the part under the threshold is not painted, as on the stage. */
export function Colourbar() {
	const store = useStore();
	const canvas = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(() => followScale(store, canvas.current as HTMLCanvasElement), [store]);
	const map = store.map.value;
	const scale = store.scale.value;
	const shown = scale && !scale.empty && !map?.rgb;
	return (
		<div class="sw-colourbar" data-shown={String(shown)}>
			<span class="sw-end">{shown ? lowEnd(scale) : ""}</span>
			<canvas class="sw-bar" ref={canvas} width={STEPS} height={1} role="img" aria-label="colour scale" />
			<span class="sw-end">{shown ? highEnd(scale) : ""}</span>
			<span class="sw-soft sw-units" title={map?.units}>
				{map?.units && shown ? `· ${map.units}` : ""}
			</span>
		</div>
	);
}

function lowEnd({ signed, clipped, top }: Scale): string {
	if (!signed) return "0";
	return `${clipped ? "≤ " : ""}${formatEnd(-top)}`;
}

function highEnd({ clipped, top }: Scale): string {
	return `${clipped ? "≥ " : ""}${formatEnd(top)}`;
}

function followScale(store: Store, canvas: HTMLCanvasElement): () => void {
	return effect(() => {
		const signed = store.scale.value?.signed ?? false;
		const low = signed ? -1 : 0;
		const values = Float32Array.from({ length: STEPS }, (_, i) => low + ((1 - low) * i) / (STEPS - 1));
		const style = {
			colors: store.colors.value,
			opacity: 1,
			threshold: store.traits.threshold.value,
			alone: store.scene.alone.value,
		};
		const scale = { top: 1, signed, clipped: false, zero: false, empty: false };
		putPixels(canvas, STEPS, 1, (pixels) => paint(values, scale, style, pixels));
	});
}
