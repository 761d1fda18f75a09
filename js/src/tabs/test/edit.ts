// The edit of an image as the page can draw it at once, before the kernel has. Pure.

import type { Pixels } from "../../stage/pixels";
import type { Mask } from "../../stage/region/mask";

/** Middle grey, as the kernel's `colour` has it unless another is given. */
const GREY = [127.5, 127.5, 127.5];

/** The image with the region covered, or with `keep` all else; `blurred` stands in for what only the kernel can make. */
export function draftOf(image: Pixels, mask: Mask, replace: string, keep: boolean, blurred: Uint8Array | null): Pixels {
	const { height, rgb, width } = image;
	const covered = (at: number) => (mask.bits[at] !== 0) !== keep;
	const flat = replace === "colour" ? GREY : replace === "mean" || !blurred ? meanOf(rgb, covered) : null;
	const edited = rgb.slice();
	for (let at = 0, from = 0; at < height * width; at++, from += 3) {
		if (!covered(at)) continue;
		for (let colour = 0; colour < 3; colour++) {
			edited[from + colour] = flat ? Math.round(flat[colour] as number) : (blurred?.[from + colour] as number);
		}
	}
	return { rgb: edited, height, width };
}

/** The mean colour of what is not covered. */
function meanOf(rgb: Uint8Array, covered: (at: number) => boolean): number[] {
	const sums = [0, 0, 0];
	let count = 0;
	for (let at = 0, from = 0; from < rgb.length; at++, from += 3) {
		if (covered(at)) continue;
		count++;
		for (let colour = 0; colour < 3; colour++) {
			sums[colour] = (sums[colour] as number) + (rgb[from + colour] as number);
		}
	}
	return count ? sums.map((sum) => sum / count) : GREY;
}
