import { useLayoutEffect, useRef } from "preact/hooks";
import { followInput } from "../stage/painter";
import { useStore } from "../view/context";

export function InputThumbnail() {
	const store = useStore();
	const canvas = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(
		() => followInput(store.input, { width: store.width, dark: store.theme.dark }, canvas.current as HTMLCanvasElement),
		[store],
	);
	return <canvas class="sw-thumbnail" ref={canvas} width={1} height={1} role="img" aria-label="the input" />;
}
