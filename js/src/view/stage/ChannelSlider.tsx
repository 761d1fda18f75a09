import { laneCount } from "../../stage/lanes";
import { useStore } from "../context";
import { Range } from "../Range";

/** Which channels of a signal show, where there are more than the stage has lanes for; the kernel is not asked. */
export function ChannelSlider() {
	const { input } = useStore();
	const series = input.series.value;
	if (!series || laneCount(series) === series.shape[1]) return null;
	const [first, count] = [input.firstChannel.value, laneCount(series)];
	const words = `${first} to ${first + count - 1} of ${series.shape[1]}`;
	return (
		<div class="sw-look-slider sw-slice">
			<span>channels</span>
			<Range
				name="channels"
				value={first}
				minimum={0}
				maximum={series.shape[1] - count}
				words={words}
				slide={input.startAt}
			/>
			<span class="sw-slice-words">{words}</span>
		</div>
	);
}
