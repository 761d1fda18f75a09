import { COLORMAP_NAMES } from "../../stage/colormaps";
import { useStore } from "../context";
import { usePane } from "../pane";
import { Range } from "../Range";
import { ChannelSlider } from "./ChannelSlider";
import { Colourbar } from "./Colourbar";
import { SliceSlider } from "./SliceSlider";

/** How the map looks. Nothing here asks the kernel; it is told once, when the hand has come to rest. */
export function AppearanceStrip() {
	const store = useStore();
	const { colormap } = store.traits;
	const { colors } = usePane();
	return (
		<div class="sw-look">
			<SliceSlider />
			<ChannelSlider />
			<div class="sw-look-row">
				<AppearanceSlider name="opacity" />
				<AppearanceSlider name="threshold" />
				<select
					class="sw-select sw-colormap"
					aria-label="colormap"
					value={colormap.value}
					onChange={(event) => {
						store.recolour({ colormap: event.currentTarget.value });
						store.settle();
					}}
				>
					<option value="">{colormap.value === "" ? `auto: ${colors.value.name}` : "auto"}</option>
					{COLORMAP_NAMES.map((name) => (
						<option key={name} value={name}>
							{name}
						</option>
					))}
				</select>
			</div>
			<Colourbar />
		</div>
	);
}

function AppearanceSlider({ name }: { name: "opacity" | "threshold" }) {
	const store = useStore();
	const value = store.traits[name];
	return (
		<div class="sw-look-slider">
			<span>{name}</span>
			<Range
				name={name}
				value={value.value}
				minimum={0}
				maximum={1}
				step={0.01}
				words={`${Math.round(100 * value.value)} %`}
				slide={(share) => store.recolour({ [name]: share })}
				settle={store.settle}
			/>
		</div>
	);
}
