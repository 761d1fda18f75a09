import type { Signal } from "@preact/signals";
import { FITTING, type Zoom, zoomedAt } from "../../stage/zoom";
import { Button } from "../Button";

const MIDDLE = { x: 0.5, y: 0.5 };
export const ZOOM_STEP = 1.5;

/** The picture larger, smaller, or as it fits. */
export function ZoomControl({ zoom }: { zoom: Signal<Zoom> }) {
	const { scale } = zoom.value;
	return (
		<div class="sw-zoom">
			<Button
				class="sw-zoom-button"
				label="zoom out"
				title="Zoom out (−, Ctrl+wheel)"
				aria-disabled={scale === 1}
				act={() => {
					zoom.value = zoomedAt(zoom.value, 1 / ZOOM_STEP, MIDDLE);
				}}
			>
				−
			</Button>
			<Button
				class="sw-zoom-button"
				label="zoom in"
				title="Zoom in (+, Ctrl+wheel); drag to move"
				act={() => {
					zoom.value = zoomedAt(zoom.value, ZOOM_STEP, MIDDLE);
				}}
			>
				+
			</Button>
			{scale > 1 && (
				<Button
					class="sw-zoom-button"
					label="reset zoom"
					title="The whole picture (0)"
					act={() => {
						zoom.value = FITTING;
					}}
				>
					{scale.toFixed(1)}× ⤢
				</Button>
			)}
		</div>
	);
}
