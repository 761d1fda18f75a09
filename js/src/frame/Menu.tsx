import { Button } from "../view/Button";
import { useStore } from "../view/context";
import { useFocus } from "../view/focus";
import { MoreIcon } from "../view/icons";
import { usePopover } from "../view/popover";

export function Menu() {
	const { box, open, close, toggle } = usePopover();
	return (
		<div class="sw-popover-anchor" ref={box}>
			<Button class="sw-icon-button" label="menu" aria-haspopup="menu" expanded={open} act={toggle}>
				<MoreIcon />
			</Button>
			{open && <MenuItems close={close} />}
		</div>
	);
}

function MenuItems({ close }: { close: () => void }) {
	const store = useStore();
	const menu = useFocus<HTMLDivElement>();
	const { charts } = store.traits;
	const { widget } = store.traits.python.value;
	const python = store.stateOf(store.tab.value.open).python.value;
	const items: [string, boolean, () => void][] = [
		["Copy as Python", python !== "", () => store.copy(python)],
		["Copy this widget", widget !== "", () => store.copy(widget)],
		[charts.value ? "Hide charts" : "Show charts", store.alive.value, () => store.ask({ charts: !charts.value })],
		[
			"Keys",
			true,
			() => {
				store.helpOpen.value = true;
			},
		],
	];
	return (
		<div class="sw-popover sw-menu" role="menu" tabIndex={-1} ref={menu} onKeyDown={(event) => move(event, close)}>
			{items.map(([label, enabled, act]) => (
				<button
					key={label}
					type="button"
					role="menuitem"
					class="sw-menu-item"
					disabled={!enabled}
					onClick={() => {
						close();
						act();
					}}
				>
					{label}
				</button>
			))}
		</div>
	);
}

function move(event: KeyboardEvent, close: () => void): void {
	const menu = event.currentTarget as HTMLElement;
	const rows = [...menu.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)")];
	const at = rows.indexOf(document.activeElement as HTMLElement);
	if (event.key === "ArrowDown") rows[(at + 1) % rows.length]?.focus();
	else if (event.key === "ArrowUp") rows.at(Math.max(at, 0) - 1)?.focus();
	else if (event.key === "Escape") close();
	else return;
	event.preventDefault();
	event.stopPropagation();
}
