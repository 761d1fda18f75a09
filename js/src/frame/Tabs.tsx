import type { Tab } from "../state/tab";
import { useStore } from "../view/context";

const STEPS: Record<string, number> = {
	ArrowLeft: -1,
	ArrowRight: 1,
	Home: Number.NEGATIVE_INFINITY,
	End: Number.POSITIVE_INFINITY,
};

/** What the stage shows; the header and the target stay. */
export function Tabs({ controls }: { controls: string }) {
	const store = useStore();
	const { tab, tabs } = store;
	function press(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
		const step = STEPS[event.key];
		if (!step) return;
		const at = Math.min(tabs.length - 1, Math.max(0, tabs.indexOf(tab.value) + step));
		store.show((tabs[at] as Tab).name);
		(event.currentTarget.children[at] as HTMLElement).focus();
		event.preventDefault();
	}
	return (
		<div class="sw-tabs" role="tablist" aria-label="views" tabIndex={-1} onKeyDown={press}>
			{tabs.map(({ name, title }) => (
				<button
					key={name}
					type="button"
					role="tab"
					class="sw-tab"
					data-testid={`tab-${name}`}
					aria-selected={tab.value.name === name}
					aria-controls={controls}
					tabIndex={tab.value.name === name ? 0 : -1}
					onClick={() => store.show(name)}
				>
					{title}
				</button>
			))}
		</div>
	);
}
