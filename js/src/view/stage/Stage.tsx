import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { describeMap } from "../../stage/description";
import { laneCount } from "../../stage/lanes";
import { followInput, followMap } from "../../stage/painter";
import type { Probe } from "../../stage/places";
import { chooseCell } from "../../target/choose";
import { useStore } from "../context";
import { Messages } from "../Messages";
import { ProgressBar } from "../ProgressBar";
import { usePane } from "../pane";
import { AddImage } from "./AddImage";
import { CameraButton } from "./CameraButton";
import { CellMark } from "./CellMark";
import { Crosshair } from "./Crosshair";
import { ProbeCard, ProbeCell } from "./ProbeCard";
import { Readout } from "./Readout";
import { RegionLayer } from "./RegionLayer";
import { ShareLine } from "./ShareLine";
import { StageLabel } from "./StageLabel";
import { useTools } from "./tools";
import { ViewSwitch } from "./ViewSwitch";
import { ZoomControl } from "./ZoomControl";
import { probeAt, useZoom } from "./zoom";

/** Pictures under this size show their pixels. */
const SMALL = 128;

const ARROWS: Record<string, [number, number]> = {
	ArrowLeft: [-1, 0],
	ArrowRight: [1, 0],
	ArrowUp: [0, -1],
	ArrowDown: [0, 1],
};

/** The input with the map over it (under the lines of a signal); pixels are scaled by CSS. */
export function Stage() {
	const store = useStore();
	const pane = usePane();
	const { scene } = pane;
	const stage = useRef<HTMLDivElement>(null);
	const base = useRef<HTMLCanvasElement>(null);
	const overlay = useRef<HTMLCanvasElement>(null);
	const picture = useRef<HTMLDivElement>(null);
	const probe = useSignal<Probe | null>(null);
	const dropping = useSignal(false);
	const { zoom, ...hand } = useZoom(picture, probe);
	const tools = useTools(scene.plane, probe);
	const marking = tools.ready();
	const description = useComputed(() => {
		const map = scene.elsewhere.value ? null : pane.map.value;
		return map ? describeMap(map) : "no map yet";
	});
	useLayoutEffect(() => {
		const stops = [
			followInput(scene, { width: store.width, dark: store.theme.dark }, base.current as HTMLCanvasElement, zoom),
			followMap(pane, stage.current as HTMLElement, overlay.current as HTMLCanvasElement, zoom),
		];
		return () => {
			for (const stop of stops) stop();
		};
	}, [store, pane]);

	const { alone, extent, plane, series, shown, slice } = scene;
	const [height, width] = plane.value;
	const space = extent.value.length;

	function under(event: MouseEvent): Probe | null {
		const { x, y } = probeAt(event, event.currentTarget as HTMLElement);
		return x >= 0 && x < 1 && y >= 0 && y < 1 ? { x, y } : null;
	}
	function step(event: KeyboardEvent): void {
		const far = event.shiftKey ? 10 : 1;
		const { x, y } = probe.value ?? { x: 0.5, y: 0.5 };
		const [dx, dy] = ARROWS[event.key] ?? [0, 0];
		// Up and down go through the channels of a signal.
		const lanes = series.value && space === 1 ? laneCount(series.value) : 0;
		const rows = lanes || height;
		const beyond = lanes && (y + (dy * far) / rows < 0 || y + (dy * far) / rows >= 1);
		if (beyond) scene.startAt(scene.firstChannel.value + dy * far);
		probe.value = { x: within(x + (dx * far) / width), y: within(y + (dy * far) / rows) };
		hand.follow();
		tools.follow();
	}
	function lift(event: PointerEvent): void {
		hand.up(event);
		tools.up(event);
	}
	function press(event: KeyboardEvent): void {
		if (event.target !== event.currentTarget) return;
		if (event.key in ARROWS) step(event);
		else if (space === 3 && event.key === "PageUp") scene.cut(slice.value + 1);
		else if (space === 3 && event.key === "PageDown") scene.cut(slice.value - 1);
		else if (event.altKey && event.key === "Enter" && probe.value) chooseCell(store, scene, probe.value);
		else if (!tools.press(event) && !hand.press(event)) return;
		event.preventDefault();
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: no HTML element is a stage
		<div
			class="sw-stage"
			role="group"
			aria-label="stage"
			data-testid="stage"
			data-shown={shown.value}
			data-space={space}
			data-alone={String(alone.value)}
			data-late={String(pane.late.value)}
			data-dropping={String(dropping.value)}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read values here
			tabIndex={0}
			ref={stage}
			onKeyDown={press}
			onDragOver={(event) => {
				event.preventDefault();
				dropping.value = true;
			}}
			onDragLeave={(event) => {
				dropping.value = event.currentTarget.contains(event.relatedTarget as Node | null);
			}}
			onDrop={(event) => {
				event.preventDefault();
				dropping.value = false;
				const file = event.dataTransfer?.files[0];
				if (file) store.upload(file);
			}}
		>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: the stage around it has the keys */}
			{/* biome-ignore lint/a11y/useKeyWithClickEvents: Alt+Enter on the stage does the same */}
			<div
				class="sw-picture"
				ref={picture}
				style={{
					"--sw-aspect": width / height,
					"--sw-zoom": zoom.value.scale,
					"--sw-move": `${100 * zoom.value.x}% ${100 * zoom.value.y}%`,
				}}
				data-small={String(space === 1 || Math.max(width, height) < SMALL * zoom.value.scale)}
				data-zoomed={String(zoom.value.scale > 1)}
				data-marking={String(marking)}
				onPointerDown={(event) => {
					hand.down(event);
					tools.down(event, probeAt(event, event.currentTarget));
				}}
				onPointerMove={(event) => {
					hand.move(event, marking);
					tools.move(event, probeAt(event, event.currentTarget));
					probe.value = under(event);
				}}
				onPointerUp={lift}
				onPointerCancel={lift}
				onClick={(event) => {
					const at = under(event);
					if (event.altKey && !marking && at && !hand.wasDrag()) chooseCell(store, scene, at);
				}}
				onPointerLeave={(event) => {
					hand.up(event);
					probe.value = null;
				}}
			>
				<canvas class="sw-base" ref={base} width={1} height={1} />
				<canvas
					class="sw-overlay"
					role="img"
					aria-label={description}
					data-testid="overlay"
					ref={overlay}
					width={1}
					height={1}
				/>
				<RegionLayer probe={probe} line={tools.line} enlarged={zoom.value.scale} />
				<CellMark />
				<ProbeCell probe={probe} />
				<Crosshair probe={probe} />
			</div>
			<ViewSwitch />
			<CameraButton />
			<AddImage />
			<StageLabel />
			<ProbeCard probe={probe} />
			<div class="sw-bottom">
				<ShareLine />
				<div class="sw-bottom-row">
					<ZoomControl zoom={zoom} />
					<Readout probe={probe} />
				</div>
				<Messages failures={[pane.failure, store.failure]} />
			</div>
			<ProgressBar of={pane.progress} />
		</div>
	);
}

function within(share: number): number {
	return Math.min(0.9999, Math.max(0, share));
}
