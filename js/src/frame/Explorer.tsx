import { useId } from "preact/hooks";
import type { Store } from "../state/store";
import { StoreProvider } from "../view/context";
import { useKeptFocus } from "../view/focus";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { KeysHelp } from "./KeysHelp";
import { onKeyDown, onKeyUp } from "./keyboard";
import { LayerRail } from "./LayerRail";
import { LayerSelect } from "./LayerSelect";
import { TargetBar } from "./TargetBar";

/** The whole view. Keys end here, before JupyterLab's commands for the cell see them. */
export function Explorer({ store }: { store: Store }) {
	const panel = useId();
	const frame = useKeptFocus<HTMLDivElement>();
	const { name, rail = true, Inspector, Stage, Strip } = store.tab.value;
	return (
		<StoreProvider value={store}>
			<div class="sw-root" data-testid="salwidget">
				{/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole view bubble up to here */}
				<div
					class="sw-frame"
					tabIndex={-1}
					ref={frame}
					data-alive={String(store.alive.value)}
					onKeyDown={(event) => onKeyDown(store, event)}
					onKeyUp={(event) => onKeyUp(store, event)}
					onFocusOut={() => {
						store.input.peeking.value = false;
					}}
				>
					<Header />
					<TargetBar />
					<div class="sw-body" data-rail={String(rail)}>
						{rail && <LayerRail />}
						<LayerSelect />
						<div class="sw-centre" id={panel} role="tabpanel" aria-label={name}>
							<Stage />
							<Strip />
						</div>
						<Inspector />
					</div>
					<Footer panel={panel} />
					{store.helpOpen.value && <KeysHelp />}
				</div>
			</div>
		</StoreProvider>
	);
}
