import { Button } from "../view/Button";
import { useStore } from "../view/context";
import { useFocus } from "../view/focus";
import { CloseIcon } from "../view/icons";
import { KEYS } from "./keyboard";

export function KeysHelp() {
	const { helpOpen, tabs } = useStore();
	const keys = [["Space (hold)", tabs.map(({ space }) => space).join("; ")], ...KEYS];
	const close = useFocus<HTMLButtonElement>();
	return (
		<div class="sw-help" role="dialog" aria-label="keys">
			<div class="sw-help-head">
				<h2 class="sw-title">Keys</h2>
				<Button
					class="sw-icon-button"
					label="close"
					elementRef={close}
					act={() => {
						helpOpen.value = false;
					}}
				>
					<CloseIcon />
				</Button>
			</div>
			<dl class="sw-keys">
				{keys.map(([key, does]) => (
					<div key={key}>
						<dt>{key}</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
		</div>
	);
}
