// How the picture lies on the stage: enlarged around a place, and moved. Pure.

import type { Probe } from "./places";

export interface Zoom {
	/** Times the size at which it fits. */
	scale: number;
	/** How far its middle has moved, in widths and heights of the picture as it fits. */
	x: number;
	y: number;
}

export const FITTING: Zoom = { scale: 1, x: 0, y: 0 };

/** A pixel of a photograph is a square that one can count by then; of a small picture, long before. */
const MOST = 32;

/** Enlarged by a factor while what lies at the probe stays where it is. */
export function zoomedAt(zoom: Zoom, factor: number, probe: Probe): Zoom {
	const scale = Math.min(MOST, Math.max(1, zoom.scale * factor));
	// Almost fitting is fitting: the wheel's steps are not each other's exact inverse.
	if (scale < 1.01) return FITTING;
	const grown = zoom.scale - scale;
	return moved({ scale, x: zoom.x + (probe.x - 0.5) * grown, y: zoom.y + (probe.y - 0.5) * grown }, 0, 0);
}

/** Moved by shares of the picture as it fits, and never past its edges. */
export function moved({ scale, x, y }: Zoom, dx: number, dy: number): Zoom {
	const most = (scale - 1) / 2;
	const within = (shift: number) => Math.min(most, Math.max(-most, shift));
	return { scale, x: within(x + dx), y: within(y + dy) };
}

/** Moved as little as brings the probe into sight. */
export function showing(zoom: Zoom, probe: Probe): Zoom {
	const beyond = (share: number, shift: number) => {
		const at = 0.5 + (share - 0.5) * zoom.scale + shift;
		return Math.min(1, Math.max(0, at)) - at;
	};
	return moved(zoom, beyond(probe.x, zoom.x), beyond(probe.y, zoom.y));
}
