// What can be refused before a file is read.

import { formatBytes } from "../text/format";

const TYPES = ["image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff"];
const ENDINGS = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"];
/** For the file dialog. */
export const ACCEPTED = [...TYPES, ...ENDINGS].join();

/** The type comes from the system, which may know none for a name, or another word for it: image/x-ms-bmp. */
function isImage({ name, type }: File): boolean {
	return TYPES.includes(type) || ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

/** One sentence that says why the file can't be sent; empty when it can. `space` is the input's number of axes. */
export function uploadProblem(file: File, limit: number, space: number): string {
	if (space !== 2) return "The model takes no images here: give its inputs in Python, with images=.";
	if (!isImage(file)) return `${file.name} is no PNG, JPEG, WebP, BMP or TIFF image.`;
	if (file.size > limit) {
		return `${file.name} has ${formatBytes(file.size)}; at most ${formatBytes(limit)} can be sent. Make it smaller.`;
	}
	return "";
}
