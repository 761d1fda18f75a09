import { useLayoutEffect, useRef } from "preact/hooks";
import { type Pixels, paintPixels } from "../stage/pixels";

/** Pictures under this size show their pixels. */
const SMALL = 64;

/** A picture of the kernel's, as it is. */
export function PixelCanvas({ picture }: { picture: Pixels }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(() => {
		if (canvas.current) paintPixels(canvas.current, picture);
	}, [picture]);
	const small = Math.max(picture.height, picture.width) < SMALL;
	return <canvas ref={canvas} width={1} height={1} data-small={String(small)} />;
}
