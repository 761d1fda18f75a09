import type { Tool } from "../../stage/region/region";
import { Button } from "../Button";
import { useStore } from "../context";
import { usePane } from "../pane";
import { Range } from "../Range";
import { Select } from "../Select";
import { ToolIcon } from "./ToolIcon";
import { isBrush, isMarking, pressTool, widest } from "./tools";

const TOOLS: [Tool, string][] = [
	["none", "Move and read: no tool (Esc)"],
	["probe", "Probe: what the cell under the pointer adds to the likeliest classes (P)"],
	["brush", "Brush (B); size: [ and ]"],
	["eraser", "Eraser (E)"],
	["rectangle", "Rectangle; Alt takes away"],
	["lasso", "Lasso; Alt takes away"],
	["superpixel", "Superpixel: a click marks it or not; Shift adds, Alt takes away"],
];

const PERCENTS = ["5", "10", "20", "30"];

/** What marks a region of the image; the map of the pane says where its strongest and weakest pixels are. */
export function RegionTools() {
	const { alive, region } = useStore();
	const pane = usePane();
	const { refusal, tool } = region;
	const off = !alive.value || refusal.value !== "";
	const most = widest(pane.scene.plane.value);
	const words = refusal.value || undefined;
	return (
		<div
			class="sw-tools"
			role="toolbar"
			aria-label="region"
			onKeyDown={(event) => {
				const typed = event.target instanceof HTMLSelectElement && event.key !== "Escape";
				if (!alive.value || typed || event.ctrlKey || event.metaKey || event.altKey) return;
				if (pressTool(region, event, most)) event.preventDefault();
			}}
		>
			{TOOLS.map(([name, title]) => (
				<Button
					key={name}
					class="sw-tool"
					label={name === "none" ? "no tool" : name}
					title={isMarking(name) ? (words ?? title) : title}
					aria-pressed={tool.value === name}
					disabled={isMarking(name) ? off : !alive.value}
					act={() => {
						tool.value = name;
					}}
				>
					<ToolIcon name={name} />
				</Button>
			))}
			{words ? <span class="sw-tools-why">{words}</span> : <RegionActs most={most} off={off} />}
		</div>
	);
}

/** How large the brush is, what the map marks, and what changes all that is marked. */
function RegionActs({ most, off }: { most: number; off: boolean }) {
	const { region } = useStore();
	const pane = usePane();
	const { percent, size, tool } = region;
	const unranked = off || !pane.map.value || pane.scene.elsewhere.value;
	return (
		<>
			<Range
				name="brush size"
				value={size.value}
				minimum={1}
				maximum={most}
				words={`${size.value} pixels`}
				disabled={off || !isBrush(tool.value)}
				slide={(value) => {
					size.value = value;
				}}
			/>
			<Act
				name="strongest"
				title={`Mark the strongest ${percent.value}% of the map`}
				disabled={unranked}
				act={() => region.strongest(pane)}
			/>
			<Act
				name="weakest"
				title={`Mark the weakest ${percent.value}% of the map`}
				disabled={unranked}
				act={() => region.weakest(pane)}
			/>
			<Select
				name="percent"
				value={String(percent.value)}
				choices={PERCENTS.map((one) => [one, `${one}%`])}
				disabled={off}
				choose={(value) => {
					percent.value = Number(value);
				}}
			/>
			<Act name="invert" title="Invert (X)" disabled={off} act={region.invert} />
			<Act name="undo" title="Undo (Ctrl+Z)" disabled={off || !region.canUndo.value} act={region.undo} />
			<Act name="redo" title="Redo (Ctrl+Shift+Z)" disabled={off || !region.canRedo.value} act={region.redo} />
			<Act name="clear" title="Mark nothing" disabled={off || !region.mask.value} act={region.clear} />
		</>
	);
}

interface ActProps {
	name: string;
	title: string;
	disabled: boolean;
	act: () => void;
}

function Act({ name, title, disabled, act }: ActProps) {
	return (
		<Button class="sw-tool" label={`${name} region`} title={title} disabled={disabled} act={act}>
			<ToolIcon name={name} />
		</Button>
	);
}
