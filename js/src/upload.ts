// What can be refused before a file is read.

import { formatBytes } from "./format";

export const ACCEPTED = ["image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff"];

/** One sentence that says why the file can't be sent; empty when it can. `space` is the input's number of axes. */
export function uploadProblem(file: File, limit: number, space: number): string {
	if (space !== 2) return "The model takes no images here: give its inputs in Python, with images=.";
	if (!ACCEPTED.includes(file.type)) return `${file.name} is no PNG, JPEG, WebP, BMP or TIFF image.`;
	if (file.size > limit) {
		return `${file.name} has ${formatBytes(file.size)}; at most ${formatBytes(limit)} can be sent. Make it smaller.`;
	}
	return "";
}
