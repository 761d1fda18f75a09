import { KEYS } from "../keyboard";
import { useStore } from "./context";
import { useFocus } from "./focus";
import { CloseIcon } from "./icons";

export function KeysHelp() {
	const { helpOpen } = useStore();
	const close = useFocus<HTMLButtonElement>();
	return (
		<div class="sw-help" role="dialog" aria-label="keys">
			<div class="sw-help-head">
				<h2 class="sw-title">Keys</h2>
				<button
					type="button"
					class="sw-icon-button"
					aria-label="close"
					ref={close}
					onClick={() => {
						helpOpen.value = false;
					}}
				>
					<CloseIcon />
				</button>
			</div>
			<dl class="sw-keys">
				{KEYS.map(([key, does]) => (
					<div key={key}>
						<dt>{key}</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
		</div>
	);
}
