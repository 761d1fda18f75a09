import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { highEnd, lowEnd, paintBar, STEPS } from "../../stage/bar";
import { putPixels } from "../../stage/painter";
import type { Pane } from "../../stage/pane";
import { usePane } from "../pane";

/** The colours between their real end values; the part under the threshold is not painted, as on the stage. */
export function Colourbar() {
	const pane = usePane();
	const canvas = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(() => followScale(pane, canvas.current as HTMLCanvasElement), [pane]);
	const map = pane.map.value;
	const scale = pane.scale.value;
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

function followScale(pane: Pane, canvas: HTMLCanvasElement): () => void {
	return effect(() => {
		const signed = pane.scale.value?.signed ?? false;
		const { alone } = pane.scene;
		const [colors, threshold] = [pane.colors.value, pane.threshold.value];
		putPixels(canvas, STEPS, 1, (pixels) => paintBar(signed, colors, threshold, alone.value, pixels));
	});
}
