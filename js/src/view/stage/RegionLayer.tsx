import type { ReadonlySignal } from "@preact/signals";
import { useComputed } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Probe } from "../../stage/places";
import type { Mask, Point } from "../../stage/region/mask";
import { outline } from "../../stage/region/outline";
import { useStore } from "../context";
import { usePane } from "../pane";
import { isBrush } from "./tools";

/** Stripes of the hatching across the picture. */
const STRIPES = 45;

interface RegionLayerProps {
	probe: ReadonlySignal<Probe | null>;
	/** Where the shape went that is begun. */
	line: ReadonlySignal<readonly Point[]>;
	/** How much the picture is enlarged. */
	enlarged: number;
}

/** What is marked, over the picture: its outline, light on dark, with a faint hatching; the brush where it would paint. */
export function RegionLayer({ probe, line, enlarged }: RegionLayerProps) {
	const { alive, region } = useStore();
	const { scene } = usePane();
	const hatching = useId();
	const [height, width] = scene.plane.value;
	const marked = useComputed(() => edge(region.mask.value, scene.plane.value));
	const patch = useComputed(() => edge(region.patch.value, scene.plane.value));
	if (!scene.onImage.value || scene.extent.value.length !== 2) return null;
	const stripe = width / STRIPES / Math.sqrt(enlarged);
	const at = probe.value;
	const brush = at && alive.value && isBrush(region.tool.value);
	return (
		<svg class="sw-region" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
			{marked.value && (
				<>
					<pattern
						id={hatching}
						width={stripe}
						height={stripe}
						patternUnits="userSpaceOnUse"
						patternTransform="rotate(45)"
					>
						<rect class="sw-hatch" width={stripe / 4} height={stripe} />
					</pattern>
					<path d={marked.value} fill={`url(#${hatching})`} fill-rule="evenodd" />
					<Line d={marked.value} testid="region" />
				</>
			)}
			{patch.value && <Line d={patch.value} testid="patch" />}
			{line.value.length > 1 && <Line d={`M${line.value.map(({ x, y }) => `${x} ${y}`).join("L")}`} testid="begun" />}
			{brush && (
				<circle class="sw-brush" cx={at.x * width} cy={at.y * height} r={region.size.value / 2} data-testid="brush" />
			)}
		</svg>
	);
}

function Line({ d, testid }: { d: string; testid: string }) {
	return (
		<>
			<path class="sw-edge sw-edge-under" d={d} />
			<path class="sw-edge" d={d} data-testid={testid} />
		</>
	);
}

/** The outline of what is marked of a picture of that size. */
function edge(mask: Mask | null, [height, width]: readonly [number, number]): string {
	return mask?.height === height && mask.width === width ? outline(mask) : "";
}
