import { useLayoutEffect, useRef } from "preact/hooks";
import { colormap } from "../stage/colormaps";
import { paintGray } from "../stage/paint";
import { putPixels } from "../stage/painter";
import { useStore } from "../view/context";
import { LayerIcon } from "../view/icons";

/** What the layer makes of the image: one small map, or its icon while there is none. */
export function LayerThumbnail({ index, kind }: { index: number; kind: string }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const thumbnail = useStore().thumbnails.value.get(index);
	useLayoutEffect(() => {
		if (!thumbnail || !canvas.current) return;
		const { size, gray } = thumbnail;
		putPixels(canvas.current, size, size, (out) => paintGray(gray, colormap("inferno"), out));
	}, [thumbnail]);
	if (!thumbnail) {
		return (
			<span class="sw-layer-picture">
				<LayerIcon kind={kind} />
			</span>
		);
	}
	return <canvas class="sw-layer-picture" ref={canvas} width={1} height={1} />;
}
