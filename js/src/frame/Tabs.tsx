import { TABS, type Tab } from "../kernel/traits";
import { useStore } from "../view/context";

const WORDS: Record<Tab, string> = { explain: "Explain", dream: "Dream" };
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -TABS.length, End: TABS.length };

/** What the stage shows; the header and the target stay. */
export function Tabs({ controls }: { controls: string }) {
	const store = useStore();
	const { tab } = store.traits;
	function press(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
		const step = STEPS[event.key];
		if (!step) return;
		const at = Math.min(TABS.length - 1, Math.max(0, TABS.indexOf(tab.value) + step));
		store.show(TABS[at] as Tab);
		(event.currentTarget.children[at] as HTMLElement).focus();
		event.preventDefault();
	}
	return (
		<div class="sw-tabs" role="tablist" aria-label="views" tabIndex={-1} onKeyDown={press}>
			{TABS.map((name) => (
				<button
					key={name}
					type="button"
					role="tab"
					class="sw-tab"
					data-testid={`tab-${name}`}
					aria-selected={tab.value === name}
					aria-controls={controls}
					tabIndex={tab.value === name ? 0 : -1}
					onClick={() => store.show(name)}
				>
					{WORDS[name]}
				</button>
			))}
		</div>
	);
}
