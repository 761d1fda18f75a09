// The colour tables, decoded on first use (a module does no work while it loads).

import tables from "../../../salwidget/colormaps.json";

export interface Colormap {
	name: string;
	diverging: boolean;
	/** 256 RGB triples; the neutral colour of a diverging map is entry 128. */
	rgb: Uint8Array;
}

export type ColormapName = keyof typeof tables;

export const COLORMAP_NAMES = Object.keys(tables) as ColormapName[];

const decoded = new Map<string, Colormap>();

export function colormap(name: ColormapName): Colormap {
	let map = decoded.get(name);
	if (!map) {
		const { kind, rgb } = tables[name];
		map = { name, diverging: kind === "diverging", rgb: Uint8Array.from(atob(rgb), (char) => char.charCodeAt(0)) };
		decoded.set(name, map);
	}
	return map;
}

/** The named map; for "" (or a name from elsewhere) the one that fits: diverging for signed values, else inferno. */
export function fittingColormap(name: string, signed: boolean, dark: boolean): Colormap {
	if (Object.hasOwn(tables, name)) return colormap(name as ColormapName);
	if (!signed) return colormap("inferno");
	return colormap(dark ? "berlin" : "RdBu_r");
}
