import { useLayoutEffect, useRef } from "preact/hooks";
import { colormap } from "../colormaps";
import { paintGray } from "../paint";
import { putPixels } from "../painter";
import { useStore } from "./context";
import { LayerIcon } from "./icons";

/** What the layer makes of the image: one small map, or its icon while there is none. */
export function LayerThumbnail({ index, kind }: { index: number; kind: string }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const thumbnails = useStore().thumbnails.value;
	const place = thumbnails?.indices.indexOf(index) ?? -1;
	useLayoutEffect(() => {
		if (!thumbnails || !canvas.current) return;
		const { size, gray } = thumbnails;
		const pixels = gray.subarray(place * size * size, (place + 1) * size * size);
		putPixels(canvas.current, size, size, (out) => paintGray(pixels, colormap("inferno"), out));
	}, [thumbnails, place]);
	if (place < 0) {
		return (
			<span class="sw-layer-picture">
				<LayerIcon kind={kind} />
			</span>
		);
	}
	return <canvas class="sw-layer-picture" ref={canvas} width={1} height={1} />;
}
