import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { followMap, followPicture } from "../painter";
import { AddImage } from "./AddImage";
import { useStore } from "./context";
import { Messages } from "./Messages";
import { Crosshair, type Probe, Readout } from "./Readout";
import { StageLabel } from "./StageLabel";
import { ViewSwitch } from "./ViewSwitch";

/** Pictures under this size show their pixels. */
const SMALL = 128;

/** The picture with the map over it; both are scaled by CSS. */
export function Stage() {
	const store = useStore();
	const stage = useRef<HTMLDivElement>(null);
	const base = useRef<HTMLCanvasElement>(null);
	const overlay = useRef<HTMLCanvasElement>(null);
	const probe = useSignal<Probe | null>(null);
	const dropping = useSignal(false);
	useLayoutEffect(() => {
		const stops = [
			followPicture(store, base.current as HTMLCanvasElement),
			followMap(store, stage.current as HTMLElement, overlay.current as HTMLCanvasElement),
		];
		return () => {
			for (const stop of stops) stop();
		};
	}, [store]);

	const [height, width] = store.size.value;
	const shown = store.peeking.value || store.elsewhere.value ? "image" : store.view.value;

	function point(event: PointerEvent): void {
		const { left, top, width: across, height: down } = (event.currentTarget as HTMLElement).getBoundingClientRect();
		const x = (event.clientX - left) / across;
		const y = (event.clientY - top) / down;
		probe.value = x >= 0 && x < 1 && y >= 0 && y < 1 ? { x, y } : null;
	}
	function press(event: KeyboardEvent): void {
		const step = event.shiftKey ? 10 : 1;
		const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
		if (!along || event.target !== event.currentTarget) return;
		const { x, y } = probe.value ?? { x: 0.5, y: 0.5 };
		const [dx = 0, dy = 0] = along;
		probe.value = { x: within(x + (dx * step) / width), y: within(y + (dy * step) / height) };
		event.preventDefault();
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: no HTML element is a stage
		<div
			class="sw-stage"
			role="group"
			aria-label="stage"
			data-testid="stage"
			data-shown={shown}
			data-alone={String(store.alone.value)}
			data-late={String(store.late.value)}
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
			<div
				class="sw-picture"
				style={{ "--sw-aspect": width / height }}
				data-small={String(Math.max(width, height) < SMALL)}
				onPointerMove={point}
				onPointerLeave={() => {
					probe.value = null;
				}}
			>
				<canvas class="sw-base" ref={base} width={1} height={1} />
				<canvas class="sw-overlay" data-testid="overlay" ref={overlay} width={1} height={1} />
				<Crosshair probe={probe} />
			</div>
			<ViewSwitch />
			<AddImage />
			<StageLabel />
			<div class="sw-bottom">
				<Readout probe={probe} />
				<Messages />
			</div>
		</div>
	);
}

function within(share: number): number {
	return Math.min(0.9999, Math.max(0, share));
}
