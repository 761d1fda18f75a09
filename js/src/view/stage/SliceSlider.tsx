import { usePane } from "../pane";
import { Range } from "../Range";

/** Which slice of a volume shows; the kernel is not asked. */
export function SliceSlider() {
	const { scene } = usePane();
	const { depth, slice, space } = scene;
	if (space.value !== 3) return null;
	const words = `${slice.value + 1} of ${depth.value}`;
	return (
		<div class="sw-look-slider sw-slice">
			<span>slice</span>
			<Range
				name="slice"
				value={slice.value}
				minimum={0}
				maximum={depth.value - 1}
				words={words}
				disabled={depth.value < 2}
				slide={scene.cut}
			/>
			<span class="sw-slice-words">{words}</span>
		</div>
	);
}
