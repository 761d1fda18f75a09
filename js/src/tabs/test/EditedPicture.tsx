import { useLayoutEffect, useRef } from "preact/hooks";
import { describeMap } from "../../stage/description";
import { formatEnd, formatShare } from "../../text/format";
import { useStore } from "../../view/context";
import { Strip } from "../../view/Messages";
import { ProgressBar } from "../../view/ProgressBar";
import { useEvidence } from "./context";
import { VIEWS } from "./evidence";
import { commonScale, followEdited } from "./painter";

/** Pictures under this size show their pixels. */
const SMALL = 128;

/** The edited image, its map, or the map of the image as it is, in one place. */
export function EditedPicture() {
	const store = useStore();
	const evidence = useEvidence();
	const { after, failure, late, picture, view } = evidence;
	const stage = useRef<HTMLDivElement>(null);
	const base = useRef<HTMLCanvasElement>(null);
	const overlay = useRef<HTMLCanvasElement>(null);
	useLayoutEffect(
		() =>
			followEdited(
				evidence,
				store.input.peeking,
				stage.current as HTMLElement,
				base.current as HTMLCanvasElement,
				overlay.current as HTMLCanvasElement,
			),
		[evidence],
	);
	const { height, width } = picture.value ?? { height: 1, width: 1 };
	const stale = late.value || (view.value === "its map" && after.late.value);
	return (
		// biome-ignore lint/a11y/useSemanticElements: no HTML element is a stage
		<div
			class="sw-stage sw-edited"
			role="group"
			aria-label="edited image"
			data-testid="edited"
			data-view={view.value}
			data-late={String(stale)}
			ref={stage}
		>
			<div
				class="sw-picture"
				style={{ "--sw-aspect": width / height, "--sw-zoom": 1, "--sw-move": "0% 0%" }}
				data-small={String(Math.max(width, height) < SMALL)}
				data-there={String(picture.value !== null)}
			>
				<canvas class="sw-base" role="img" aria-label={useWords()} ref={base} width={1} height={1} />
				<canvas class="sw-overlay" ref={overlay} width={1} height={1} />
			</div>
			<fieldset class="sw-views" aria-label="right picture">
				{VIEWS.map((name) => (
					<button
						key={name}
						type="button"
						class="sw-view"
						aria-pressed={view.value === name}
						title={name === "covered" ? undefined : "f flips the maps"}
						onClick={() => {
							view.value = name;
						}}
					>
						{name}
					</button>
				))}
			</fieldset>
			<div class="sw-bottom">
				<Caption />
				{[failure, after.failure].map(
					(one, at) =>
						one.value && (
							<Strip
								key={at}
								tone="error"
								dismiss={() => {
									one.value = null;
								}}
							>
								{one.value.text}
							</Strip>
						),
				)}
			</div>
			<ProgressBar of={after.progress} />
		</div>
	);
}

/** What it shows, for who cannot see it. */
function useWords(): string {
	const { after, before, covers, view } = useEvidence();
	if (view.value === "covered")
		return covers.value ? "the image with the region covered" : "the image, nothing covered";
	const map = (view.value === "its map" ? after : before).map.value;
	return map ? describeMap(map) : "no map yet";
}

/** One line over the lower edge: the class that is seen now, or how far the maps' one scale goes. */
function Caption() {
	const { after, before, covers, picture, shown, view } = useEvidence();
	if (!picture.value) return null;
	if (view.value === "covered") {
		if (!covers.value) return <p class="sw-caption">nothing covered yet</p>;
		const top = shown.value?.rows.find(({ rank }) => rank[1] === 1);
		if (!top) return null;
		return (
			<p class="sw-caption">
				top class now <b>{top.label}</b> {top.probability ? formatShare(top.probability[1]) : formatEnd(top.after)}
			</p>
		);
	}
	const [own, other] = view.value === "its map" ? [after, before] : [before, after];
	const scale = own.scale.value;
	if (!scale) return <p class="sw-caption">its map is on its way</p>;
	return (
		<p class="sw-caption" title={own.map.value?.units}>
			{other.scale.value ? "both maps" : "map"}: 0 to {formatEnd(commonScale(scale, other.scale.value).top)}
		</p>
	);
}
