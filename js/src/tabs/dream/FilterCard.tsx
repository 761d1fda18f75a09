import { useLayoutEffect, useRef } from "preact/hooks";
import type { Pixels } from "../../stage/pixels";
import { formatEnd } from "../../text/format";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { useFocus } from "../../view/focus";
import { CloseIcon } from "../../view/icons";
import { PixelCanvas } from "../../view/PixelCanvas";
import { useDreams } from "./context";
import type { DreamCard, Patch } from "./protocol";

/** What is known of one image of the dream: its filter's weights, its map, the images that excite it most. */
export function FilterCard() {
	const dreams = useDreams();
	const card = dreams.card.value;
	if (!card) return null;
	return <OpenCard key={`${card.id} ${card.place}`} place={card.place} />;
}

function OpenCard({ place }: { place: number }) {
	const dreams = useDreams();
	const close = useFocus<HTMLButtonElement>();
	const box = useRef<HTMLElement>(null);
	const found = dreams.cardFound.value;
	// Its head comes to the top of the inspector, which may be scrolled; once more when the card has grown.
	useLayoutEffect(() => {
		const inspector = box.current?.parentElement;
		if (!box.current || !inspector) return;
		inspector.scrollTop += box.current.getBoundingClientRect().top - inspector.getBoundingClientRect().top;
	}, [found !== null]);
	const image = dreams.moment.value?.images[place] ?? null;
	return (
		<section
			class="sw-card"
			aria-label="filter card"
			data-testid="dream-card"
			ref={box}
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				dreams.closeCard();
				event.preventDefault();
			}}
		>
			<div class="sw-title-row">
				<b class="sw-card-title">{found?.title ?? dreams.dream.value?.titles[place]}</b>
				{image?.score != null && <span class="sw-soft sw-card-score">{formatEnd(image.score)}</span>}
				<Button class="sw-strip-close" label="close the card" elementRef={close} act={() => dreams.closeCard()}>
					<CloseIcon />
				</Button>
			</div>
			<div class="sw-card-pictures">
				<Labelled words="dream" picture={image} />
				<Labelled words="on image" picture={found?.map ?? null} />
				<Labelled words="weights" picture={found?.weights ?? null} />
			</div>
			{found ? <Patches card={found} /> : <p class="sw-soft">Looking through the images …</p>}
		</section>
	);
}

function Labelled({ words, picture }: { words: string; picture: Pixels | null }) {
	if (!picture) return null;
	return (
		<figure class="sw-card-picture">
			<PixelCanvas picture={picture} />
			<figcaption class="sw-soft">{words}</figcaption>
		</figure>
	);
}

function Patches({ card }: { card: DreamCard }) {
	if (card.patches.length === 0) return null;
	return (
		<>
			<h3 class="sw-title">Images that excite it most</h3>
			<div class="sw-card-pictures">
				{card.patches.map((patch) => (
					<PatchButton key={patch.image_idx} patch={patch} />
				))}
			</div>
		</>
	);
}

/** A click goes to that image. */
function PatchButton({ patch }: { patch: Patch }) {
	const store = useStore();
	const [top = 0, left = 0, bottom = 1, right = 1] = patch.box;
	const percent = (share: number) => `${100 * share}%`;
	const outline = {
		top: percent(top),
		left: percent(left),
		height: percent(bottom - top),
		width: percent(right - left),
	};
	return (
		<Button
			class="sw-patch"
			label={`${patch.name}, ${formatEnd(patch.score)}: show this image`}
			disabled={!store.alive.value}
			act={() => store.ask({ image_idx: patch.image_idx })}
		>
			<span class="sw-patch-picture">
				<PixelCanvas picture={patch.picture} />
				<span class="sw-cell" style={outline} />
			</span>
			{formatEnd(patch.score)}
		</Button>
	);
}
