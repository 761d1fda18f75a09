// Values to pixels: a scale, a colour table, an opacity and a threshold. Pure; knows no canvas.

import type { Colormap } from "./colormaps";

/** Below this largest magnitude a map is said to be zero: colouring it would show rounding noise. */
export const ABOUT_ZERO = 1e-30;

export interface Scale {
	/** The magnitude at the end of the colours: they run 0..top, or -top..top when signed. */
	top: number;
	signed: boolean;
	/** Some values lie beyond the end. */
	clipped: boolean;
	zero: boolean;
	/** No value is a number that can be drawn. */
	empty: boolean;
}

export interface Style {
	colors: Colormap;
	opacity: number;
	/** Share of the top under which a pixel is not painted. */
	threshold: number;
	/** The map alone: no photo shines through, and what is under the threshold gets the colour of zero. */
	alone: boolean;
}

/** The kernel says where the colours end; what lies beyond, and whether all of it is next to nothing, is seen here. */
export function scaleOf(values: Float32Array, signed: boolean, top: number): Scale {
	let largest = -1;
	for (const value of values) {
		const magnitude = Math.abs(value);
		if (magnitude > largest && Number.isFinite(magnitude)) largest = magnitude;
	}
	const empty = largest < 0;
	return { top, signed, clipped: top < largest, zero: !empty && largest < ABOUT_ZERO, empty };
}

/** Why there is nothing to see, in words; empty where there is. */
export function emptinessOf(scale: Scale | null): string {
	if (scale?.empty) return "the map has no finite value";
	return scale?.zero ? "the map is zero" : "";
}

/** Entry of the colour table for a value; zero falls on the neutral entry of a diverging table, exactly. */
export function entry(value: number, scale: Scale, diverging: boolean): number {
	const low = scale.signed ? -1 : 0;
	const t = Math.min(1, Math.max(low, value / scale.top));
	if (diverging) return 128 + Math.round(127 * t);
	return Math.round(scale.signed ? 127.5 * (t + 1) : 255 * t);
}

/** Paint h*w values into h*w*4 RGBA bytes. Values that are not numbers stay transparent. */
export function paint(values: Float32Array, scale: Scale, style: Style, out: Uint8ClampedArray): void {
	const { rgb, diverging } = style.colors;
	const shown = style.alone ? 255 : Math.round(255 * style.opacity);
	const hidden = style.alone ? 255 : 0;
	const cut = style.threshold * scale.top;
	for (let i = 0, o = 0; i < values.length; i++, o += 4) {
		const value = values[i] as number;
		const under = Math.abs(value) < cut;
		const from = 3 * entry(under ? 0 : value, scale, diverging);
		out[o] = rgb[from] as number;
		out[o + 1] = rgb[from + 1] as number;
		out[o + 2] = rgb[from + 2] as number;
		out[o + 3] = Number.isFinite(value) ? (under ? hidden : shown) : 0;
	}
}

/** Paint h*w*3 RGB bytes, all with one opacity. */
export function paintPicture(rgb: Uint8Array, opacity: number, out: Uint8ClampedArray): void {
	const alpha = Math.round(255 * opacity);
	for (let i = 0, o = 0; i < rgb.length; i += 3, o += 4) {
		out[o] = rgb[i] as number;
		out[o + 1] = rgb[i + 1] as number;
		out[o + 2] = rgb[i + 2] as number;
		out[o + 3] = alpha;
	}
}

/** Paint bytes 0..255 through a colour table. */
export function paintGray(gray: Uint8Array, colors: Colormap, out: Uint8ClampedArray): void {
	for (let i = 0, o = 0; i < gray.length; i++, o += 4) {
		out.set(colors.rgb.subarray(3 * (gray[i] as number), 3 * (gray[i] as number) + 3), o);
		out[o + 3] = 255;
	}
}
