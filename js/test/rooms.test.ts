/// <reference types="vite/client" />
import { describe, expect, it } from "vitest";
import { TABS } from "../src/tabs/tabs";

/** From the lowest up; rooms of one floor do not know each other. A folder in a room is a room by itself. */
const FLOORS = [
	["text"],
	["kernel"],
	["stage"],
	["stage/region"],
	["target"],
	["state"],
	["view"],
	["view/stage"],
	["frame", "a tab"],
	["tabs"],
	["."],
];

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const texts = new Map(Object.entries(sources).map(([path, text]) => [path.replace("../src/", ""), text]));
const graph = new Map([...texts].map(([file, text]) => [file, importsOf(file, text)]));

/** The files of src that a file imports, types included. */
function importsOf(file: string, text: string): string[] {
	return [...text.matchAll(/^(?:import|export)\b[^"';]*?"(\.[^"]+)";/gms)].flatMap(([, path]) => {
		const to = new URL(path as string, `http://src/${file}`).pathname.slice(1);
		return [to, `${to}.ts`, `${to}.tsx`].filter((name) => texts.has(name));
	});
}

function roomOf(file: string): string {
	const [room = "", ...rest] = file.split("/");
	if (rest.length === 0) return ".";
	return rest.length === 1 ? room : `${room}/${rest[0]}`;
}

function floorOf(room: string): number {
	return FLOORS.findIndex((rooms) => rooms.includes(room.startsWith("tabs/") ? "a tab" : room));
}

/** The files that lead back to themselves. */
function onCircles(): string[] {
	const reached = (from: string) => {
		const seen = new Set<string>();
		const next = [...(graph.get(from) ?? [])];
		for (let file = next.pop(); file !== undefined; file = next.pop()) {
			if (seen.has(file)) continue;
			seen.add(file);
			next.push(...(graph.get(file) ?? []));
		}
		return seen;
	};
	return [...graph.keys()].filter((file) => reached(file).has(file));
}

describe("the rooms", () => {
	it("are all of the front end", () => {
		expect(texts.size).toBeGreaterThan(100);
		expect([...graph.values()].flat().length).toBeGreaterThan(300);
		expect([...texts.keys()].filter((file) => floorOf(roomOf(file)) < 0)).toEqual([]);
	});

	it("have no circle between files", () => {
		expect(onCircles()).toEqual([]);
	});

	it("import from lower ones only", () => {
		const up = [...graph].flatMap(([from, targets]) =>
			targets
				.filter((to) => roomOf(to) !== roomOf(from) && floorOf(roomOf(to)) >= floorOf(roomOf(from)))
				.map((to) => `${from} -> ${to}`),
		);
		expect(up).toEqual([]);
	});
});

describe("a tab", () => {
	const names = TABS.map(({ name }) => name);

	it("is named by its own folder and by no other file", () => {
		const quoted = new RegExp(`["'\`](${names.join("|")})["'\`]`);
		const naming = [...texts].filter(([, text]) => quoted.test(text)).map(([file]) => roomOf(file));
		expect([...new Set(naming)].sort()).toEqual(names.map((name) => `tabs/${name}`).sort());
	});

	it("is imported by the table alone", () => {
		const from = [...graph].flatMap(([file, targets]) =>
			targets.filter((to) => roomOf(to).startsWith("tabs/") && roomOf(to) !== roomOf(file)).map((to) => [file, to]),
		);
		expect(from).toEqual(expect.arrayContaining(names.map((name) => ["tabs/tabs.ts", `tabs/${name}/tab.ts`])));
		expect(from).toHaveLength(names.length);
	});

	it("has a name and panes that no other has", () => {
		const panes = TABS.flatMap((tab) => tab.panes);
		expect([new Set(names).size, new Set(panes).size]).toEqual([names.length, panes.length]);
	});
});
