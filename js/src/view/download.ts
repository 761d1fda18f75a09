// Hands a file to the browser's downloads.

export function saveFile({ data, mime, name }: { data: Uint8Array; mime: string; name: string }): void {
	saveBlob(new Blob([data.slice()], { type: mime }), name);
}

export function saveBlob(blob: Blob, name: string): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	// The browser has taken it up by the next turn of its loop.
	setTimeout(() => URL.revokeObjectURL(url));
}
