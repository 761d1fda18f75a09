// Bundles the front end to salwidget/static/widget.{js,css}; fails when they grow over the budget. With an entry and a
// folder it bundles that entry there, as the tests do with a tab of their own: build.mjs test/twice/index.ts OUT
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

// anywidget sends the module with every instance, and a module that loads for over 2 s misses the kernel's updates.
// Explain takes 110 kB of it, 8 kB of them colour tables, dreams 24 kB, the camera's picture 4 kB; the rest is room for
// repairs. Controls one can aim with (steppers, wheel, names in the fields, zoom, the find box) took 8 kB; that
// Python's picture and a second view show what the first one does, and that the lines of a signal stay sharp at zoom, 1 kB.
// Tabs and panes as things (several questions at once, each with its own map, state, Stop and announcement) took 2.3 kB.
// The region of the image took 17 kB: its rules (the same as Python's, so that a hand at work needs no kernel), its state
// with undo, six tools by pointer and by keyboard, its outline and its share of the map.
// The tab Test took 27 kB: two pictures, replacements, scores, control, backgrounds; the point probe 3 kB. The next tab is
// to be a module of its own that comes over the comm when it is opened.
const BUDGET_BYTES = 205_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const shipped = fileURLToPath(new URL("../../salwidget/static", import.meta.url));
const [entry = "src/index.tsx", folder] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const outdir = folder ? path.resolve(folder) : shipped;

const options = {
	absWorkingDir: root,
	entryPoints: [
		{ in: entry, out: "widget" },
		{ in: "src/style.css", out: "widget" },
	],
	outdir,
	bundle: true,
	minify: true,
	format: "esm",
	target: ["es2022"],
	jsx: "automatic",
	jsxImportSource: "preact",
	// A browser keeps the text of a module for good, two bytes a character where one of them is not Latin-1.
	charset: "ascii",
	legalComments: "none",
	logLevel: "info",
};
if (process.argv.includes("--watch")) {
	const context = await esbuild.context(options);
	await context.watch();
} else {
	await esbuild.build(options);
	shareModule(`${outdir}/widget.js`);
	const bytes = ["widget.js", "widget.css"].reduce((sum, name) => sum + statSync(`${outdir}/${name}`).size, 0);
	console.log(`${bytes} bytes of ${BUDGET_BYTES}`);
	if (outdir === shipped && bytes > BUDGET_BYTES) {
		console.error("The bundle is over its budget.");
		process.exit(1);
	}
}

/**
 * Let all widgets of a page that bring this very text have one module. anywidget imports it anew for each, and a page never
 * lets go of a module: 0.6 MB of compiled code and of what it made as it began, for each widget that was ever shown.
 */
function shareModule(file) {
	const text = readFileSync(file, "utf8");
	const [whole, name] = /export\s*\{\s*([\w$]+) as default\s*\};?\s*$/.exec(text) ?? [];
	if (!whole) throw new Error("The bundle does not end in its default export.");
	const body = `${text.slice(0, -whole.length)}return ${name}`;
	const key = `salwidget ${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
	writeFileSync(file, `const make=()=>{${body}};export default globalThis[Symbol.for("${key}")]??=make();\n`);
}
