// Bundles the front end to salwidget/static/widget.{js,css}; fails when they grow over the budget.
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

// anywidget sends the module with every instance, and a module that loads for over 2 s misses the kernel's updates.
// Explain takes 110 kB of it, 8 kB of them colour tables, dreams 24 kB, the camera's picture 4 kB; the rest is room for
// repairs. Controls one can aim with (steppers, wheel, names in the fields, zoom, the find box) took 8 kB.
const BUDGET_BYTES = 148_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = fileURLToPath(new URL("../../salwidget/static", import.meta.url));

const options = {
	absWorkingDir: root,
	entryPoints: [
		{ in: "src/index.tsx", out: "widget" },
		{ in: "src/style.css", out: "widget" },
	],
	outdir,
	bundle: true,
	minify: true,
	format: "esm",
	target: ["es2022"],
	jsx: "automatic",
	jsxImportSource: "preact",
	charset: "utf8",
	legalComments: "none",
	logLevel: "info",
};
if (process.argv.includes("--watch")) {
	const context = await esbuild.context(options);
	await context.watch();
} else {
	await esbuild.build(options);
	const bytes = ["widget.js", "widget.css"].reduce((sum, name) => sum + statSync(`${outdir}/${name}`).size, 0);
	console.log(`${bytes} bytes of ${BUDGET_BYTES}`);
	if (bytes > BUDGET_BYTES) {
		console.error("The bundle is over its budget.");
		process.exit(1);
	}
}
