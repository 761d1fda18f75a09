import type { Signal } from "@preact/signals";
import type { Probe } from "../../stage/places";
import { supportsAt } from "../../stage/supports";
import { formatValue } from "../../text/format";
import { useStore } from "../context";
import { usePane } from "../pane";
import { CellFrame } from "./CellMark";

/** What the cell under the pointer adds to each of the likeliest classes, in the corner that is farthest from it. */
export function ProbeCard({ probe }: { probe: Signal<Probe | null> }) {
	const found = useFound(probe);
	const { top } = useStore().supports;
	if (!found) return null;
	const { rows, cell, supports, at } = found;
	return (
		<output
			class="sw-probe"
			data-testid="probe"
			data-right={String(at.x < 0.5)}
			data-low={String(at.y < 0.5)}
			aria-live="polite"
		>
			<div class="sw-probe-place">
				cell {cell.join(", ")} of {supports.cam_layer}
			</div>
			{rows.map(({ index, label, value }) => (
				<div class="sw-probe-row" key={index}>
					<span class="sw-probe-name">{label}</span>
					<span class="sw-probe-bar" data-against={String(value < 0)}>
						<span class="sw-probe-fill" style={{ "--sw-share": top.value && Math.abs(value) / top.value }} />
					</span>
					<span class="sw-probe-value">{`${value > 0 ? "+" : ""}${formatValue(value, top.value)}`}</span>
				</div>
			))}
			<div class="sw-probe-place">{supports.units}</div>
		</output>
	);
}

/** Frames the cell that the card is about. */
export function ProbeCell({ probe }: { probe: Signal<Probe | null> }) {
	const found = useFound(probe);
	const { scene } = usePane();
	return found && <CellFrame scene={scene} cell={found.cell} cells={found.supports.shape} testid="probe-cell" />;
}

function useFound(probe: Signal<Probe | null>) {
	const supports = useStore().supports.current.value;
	const { scene } = usePane();
	const at = probe.value;
	if (!supports || !at || !scene.onImage.value) return null;
	return { ...supportsAt(supports, scene.at(at)), supports, at };
}
