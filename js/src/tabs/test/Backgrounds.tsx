import { formatPercent, formatShare } from "../../text/format";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { PixelCanvas } from "../../view/PixelCanvas";
import { useEvidence } from "./context";
import { partOf } from "./parts";
import type { Swaps } from "./protocol";

/** The region as the object, on other backgrounds: how often that alone changes the top class. */
export function Backgrounds() {
	const store = useStore();
	const evidence = useEvidence();
	const { covers, swapped, swapping } = evidence;
	const swaps = covers.value ? evidence.swaps.value : null;
	const why = covers.value ? "" : "Mark the object first: then all behind it can be swapped.";
	return (
		<section class="sw-backgrounds" aria-label="other backgrounds" data-late={String(!swapped.value)}>
			<div class="sw-title-row">
				<h2 class="sw-title">Other backgrounds</h2>
				{swaps && <Flipped of={swaps} />}
				<Button
					class="sw-action"
					data-testid="swap"
					title={why || (swapping.value ? "Stop (Esc)" : "Put the region on other backgrounds")}
					disabled={!store.alive.value || !covers.value}
					act={() => (swapping.value ? evidence.stopSwap() : evidence.swap())}
				>
					<span class="sw-either">
						<span aria-hidden={swapping.value}>Swap the background</span>
						<span aria-hidden={!swapping.value}>Stop</span>
					</span>
				</Button>
			</div>
			<ul class="sw-tiles" aria-label="backgrounds" tabIndex={swaps ? 0 : undefined}>
				{swaps ? (
					<Tiles of={swaps} />
				) : (
					<li class="sw-soft">{why || "How often does the rest alone decide the class?"}</li>
				)}
			</ul>
			<p class="sw-swap-sentence" title={swaps?.sentence}>
				{swaps && !swapped.value ? "Of the region before. " : ""}
				{swaps?.sentence}
				{swapping.value && ` ${formatPercent(swaps && swapped.value ? swaps.progress : 0)}`}
			</p>
		</section>
	);
}

function Flipped({ of }: { of: Swaps }) {
	const [count, all, low, high] = of.flipped;
	const percent = (share: number) => Math.round(100 * share);
	return (
		<span class="sw-flipped">
			<b>
				{count} of {all}
			</b>{" "}
			change the top class, 95%: {percent(low)} to {percent(high)}%
		</span>
	);
}

function Tiles({ of }: { of: Swaps }) {
	return of.tiles.map(({ name, label, probability, flips }, at) => {
		const picture = partOf(of.rgb, of.size, at);
		const words = [label, probability === null ? "" : formatShare(probability)].filter(Boolean).join(" ");
		return (
			<li
				key={`${at} ${name}`}
				class="sw-swap"
				data-flips={String(flips)}
				title={`on ${name}: ${words}${flips ? ", another class" : ""}`}
			>
				<span class="sw-tile-picture">
					{picture && <PixelCanvas picture={picture} />}
					{flips && (
						<span class="sw-flip-mark" role="img" aria-label="another class">
							≠
						</span>
					)}
				</span>
				<b class="sw-tile-words">{label}</b>
				<span class="sw-tile-words">{probability === null ? "" : formatShare(probability)}</span>
			</li>
		);
	});
}
