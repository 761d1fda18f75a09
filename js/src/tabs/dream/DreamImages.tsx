import { formatValue } from "../../text/format";
import { useDreams } from "./context";
import type { Dream } from "./protocol";

/** The images of one dream, side by side, with what they are and their scores under them. */
export function DreamImages({ dream }: { dream: Dream }) {
	const dreams = useDreams();
	return (
		<div class="sw-dream-images" style={{ "--sw-columns": Math.ceil(Math.sqrt(dream.titles.length)) }}>
			{dream.titles.map((title, place) => (
				<button
					key={place}
					type="button"
					class="sw-dream-image"
					title={`${title}: what is known of it`}
					onClick={() => dreams.openCard(place)}
				>
					<canvas width={1} height={1} />
					<span class="sw-dream-caption">
						<span class="sw-dream-title">{title}</span> <Score place={place} />
					</span>
				</button>
			))}
		</div>
	);
}

/** Apart, so that a frame changes nothing but the numbers. */
function Score({ place }: { place: number }) {
	const image = useDreams().moment.value?.images[place];
	if (!image) return null;
	return (
		<span class="sw-soft">{image.score === null ? "no number" : formatValue(image.score, Math.abs(image.score))}</span>
	);
}
