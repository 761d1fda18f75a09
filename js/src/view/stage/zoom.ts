import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import type { Probe } from "../../stage/places";
import { FITTING, moved, showing, type Zoom, zoomedAt } from "../../stage/zoom";
import { useWheel, wheelPixels } from "../wheel";
import { ZOOM_STEP } from "./ZoomControl";

/** CSS pixels that a hand trembles within a click. */
const TREMBLE = 4;
const STEPS: Record<string, number> = { "+": ZOOM_STEP, "=": ZOOM_STEP, "-": 1 / ZOOM_STEP };

/** The place under a pointer, as shares of the picture as it lies on the page, whether or not that is inside. */
export function probeAt({ clientX, clientY }: { clientX: number; clientY: number }, picture: Element): Probe {
	const { left, top, width, height } = picture.getBoundingClientRect();
	return { x: (clientX - left) / width, y: (clientY - top) / height };
}

/** Zoom by Ctrl+wheel or pinch around the pointer, by keys around the probe; drag moves what is enlarged. */
export function useZoom(picture: RefObject<HTMLElement | null>, probe: Signal<Probe | null>) {
	const zoom = useSignal<Zoom>(FITTING);
	const fingers = useRef(new Map<number, PointerEvent>());
	const dragged = useRef(0);

	useWheel(picture, (event) => {
		if (!event.ctrlKey && !event.metaKey) return;
		event.preventDefault();
		// A notch of a wheel is about 100 pixels; a pinch on a touchpad comes as many small ones.
		const factor = Math.exp(-wheelPixels(event) / (Math.abs(wheelPixels(event)) < 50 ? 100 : 300));
		zoom.value = zoomedAt(zoom.value, factor, probeAt(event, picture.current as HTMLElement));
	});

	function down(event: PointerEvent): void {
		fingers.current.set(event.pointerId, event);
		if (fingers.current.size === 1) dragged.current = 0;
	}
	/** One finger moves the picture, unless it `draws`. */
	function move(event: PointerEvent & { currentTarget: HTMLElement }, draws = false): void {
		const last = fingers.current.get(event.pointerId);
		if (!last) return;
		fingers.current.set(event.pointerId, event);
		const { width, height } = event.currentTarget.getBoundingClientRect();
		const { scale } = zoom.value;
		const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
		dragged.current += Math.abs(dx) + Math.abs(dy);
		const [other] = [...fingers.current.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
		if (other) {
			const apart = (one: PointerEvent) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
			const clientX = (event.clientX + other.clientX) / 2;
			const clientY = (event.clientY + other.clientY) / 2;
			const middle = probeAt({ clientX, clientY }, event.currentTarget);
			zoom.value = zoomedAt(zoom.value, apart(event) / Math.max(1, apart(last)), middle);
		} else if (!draws && scale > 1 && dragged.current > TREMBLE) {
			event.currentTarget.setPointerCapture(event.pointerId);
			zoom.value = moved(zoom.value, (dx * scale) / width, (dy * scale) / height);
		}
	}
	function up(event: PointerEvent): void {
		fingers.current.delete(event.pointerId);
	}
	/** Whether the key was one of zooming. */
	function press(event: KeyboardEvent): boolean {
		const factor = STEPS[event.key];
		if (event.ctrlKey || event.metaKey || event.altKey) return false;
		if (factor) zoom.value = zoomedAt(zoom.value, factor, probe.value ?? { x: 0.5, y: 0.5 });
		else if (event.key === "0") zoom.value = FITTING;
		return factor !== undefined || event.key === "0";
	}
	function follow(): void {
		if (probe.value) zoom.value = showing(zoom.value, probe.value);
	}
	return { zoom, down, move, up, press, follow, wasDrag: () => dragged.current > TREMBLE && zoom.value.scale > 1 };
}
