import { expect, it } from "vitest";
import { uploadProblem } from "../../src/state/upload";

const file = (name: string, type: string, size: number) => ({ name, type, size }) as File;

it("lets an image within the limit pass", () => {
	expect(uploadProblem(file("a.png", "image/png", 1000), 1000, 2)).toBe("");
	expect(uploadProblem(file("a.webp", "image/webp", 1), 1000, 2)).toBe("");
	expect(uploadProblem(file("a.bmp", "image/bmp", 1), 1000, 2)).toBe("");
	expect(uploadProblem(file("a.tif", "image/tiff", 1), 1000, 2)).toBe("");
});

it.each([
	["scan.TIFF", ""],
	["scan.tif", ""],
	["old.bmp", "image/x-ms-bmp"],
])("takes %s of the type %j", (name, type) => {
	expect(uploadProblem(file(name, type, 1), 1000, 2)).toBe("");
});

it("says how large is too large", () => {
	const problem = uploadProblem(file("big.jpg", "image/jpeg", 12_300_000), 8_000_000, 2);
	expect(problem).toBe("big.jpg has 12.3 MB; at most 8.0 MB can be sent. Make it smaller.");
});

it.each(["text/html", "image/svg+xml", ""])("refuses %j", (type) => {
	expect(uploadProblem(file("a", type, 1), 1000, 2)).toBe("a is no PNG, JPEG, WebP, BMP or TIFF image.");
});

it.each([1, 3])("refuses an image for an input of %d axes", (space) => {
	expect(uploadProblem(file("a.png", "image/png", 1), 1000, space)).toContain("takes no images here");
});
