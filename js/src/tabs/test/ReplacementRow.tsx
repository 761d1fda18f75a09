import type { Replacement } from "../../kernel/traits";
import type { Pixels } from "../../stage/pixels";
import { useStore } from "../../view/context";
import { PixelCanvas } from "../../view/PixelCanvas";
import { useEvidence } from "./context";
import { partOf } from "./parts";

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** What is put in the region's place, each as it looks there; and whether all else is covered instead. */
export function ReplacementRow() {
	const store = useStore();
	const { keep, replace, replacements } = store.traits;
	const all = replacements.value;
	const disabled = !store.alive.value;
	const at = all.findIndex(({ name }) => name === replace.value);
	function press(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
		const step = STEPS[event.key];
		if (!step || disabled || all.length === 0) return;
		// A key that is held comes faster than the page is drawn.
		const from = all.findIndex(({ name }) => name === replace.peek());
		const next = (Math.max(0, from) + step + all.length) % all.length;
		store.ask({ replace: (all[next] as Replacement).name });
		(event.currentTarget.children[next] as HTMLElement).focus();
		event.preventDefault();
	}
	const chosen = all[at];
	return (
		<section class="sw-replace" aria-label="replacement">
			<div class="sw-title-row">
				<h2 class="sw-title">Replace with</h2>
				<span class="sw-replace-help sw-soft" title={chosen && helpOf(chosen)}>
					{chosen && helpOf(chosen)}
				</span>
				<button
					type="button"
					role="switch"
					class="sw-switch"
					aria-checked={keep.value}
					title="Keep the region, and cover all else"
					disabled={disabled}
					onClick={() => store.ask({ keep: !keep.value })}
				>
					<span class="sw-switch-track" aria-hidden="true" />
					keep only
				</button>
			</div>
			<div class="sw-replacements" role="radiogroup" aria-label="replace with" onKeyDown={press} tabIndex={-1}>
				{all.map((one, place) => (
					<Choice
						key={one.name}
						of={one}
						reached={place === Math.max(0, at)}
						disabled={disabled}
						choose={() => store.ask({ replace: one.name })}
					/>
				))}
			</div>
		</section>
	);
}

interface ChoiceProps {
	of: Replacement;
	/** Tab comes to this one. */
	reached: boolean;
	disabled: boolean;
	choose: () => void;
}

function Choice({ of, reached, disabled, choose }: ChoiceProps) {
	const checked = useStore().traits.replace.value === of.name;
	const picture = usePreview(of.name);
	return (
		// biome-ignore lint/a11y/useSemanticElements: a picture is pressed
		<button
			type="button"
			role="radio"
			class="sw-replacement"
			aria-checked={checked}
			aria-label={of.title}
			tabIndex={reached ? 0 : -1}
			title={`${of.title}. ${helpOf(of)}`}
			disabled={disabled}
			onClick={choose}
		>
			<span class="sw-tile-picture">{picture && <PixelCanvas picture={picture} />}</span>
			<span class="sw-tile-words">{of.name}</span>
		</button>
	);
}

/** The region under a replacement; that of the last region until the next has come. */
function usePreview(name: string): Pixels | null {
	const { covers, previews } = useEvidence();
	if (!covers.value || !previews.value) return null;
	const { names, rgb, size } = previews.value;
	return partOf(rgb, size, names.indexOf(name));
}

function helpOf({ sentence, limits, paper, random }: Replacement): string {
	return [sentence, limits, random && "Random: the seed decides.", paper].filter(Boolean).join(" ");
}
