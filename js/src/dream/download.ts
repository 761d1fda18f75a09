// Hands a file of the kernel's to the browser's downloads.

import type { DreamFile } from "./protocol";

export function saveFile({ data, mime, name }: DreamFile): void {
	const url = URL.createObjectURL(new Blob([data.slice()], { type: mime }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	// The browser has taken it up by the next turn of its loop.
	setTimeout(() => URL.revokeObjectURL(url));
}
