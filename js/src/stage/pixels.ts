// A picture of the kernel's, painted as it is.

import { paintPicture } from "./paint";
import { putPixels } from "./painter";

export interface Pixels {
	rgb: Uint8Array;
	height: number;
	width: number;
}

export function paintPixels(canvas: HTMLCanvasElement, { height, rgb, width }: Pixels): void {
	putPixels(canvas, width, height, (out) => paintPicture(rgb, 1, out));
}
