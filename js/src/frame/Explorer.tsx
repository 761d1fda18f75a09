import { useId } from "preact/hooks";
import type { Store } from "../state/store";
import { DreamInspector } from "../tabs/dream/DreamInspector";
import { DreamStage } from "../tabs/dream/DreamStage";
import { DreamStrip } from "../tabs/dream/DreamStrip";
import { Inspector } from "../tabs/explain/Inspector";
import { LookStrip } from "../tabs/explain/LookStrip";
import { Stage } from "../tabs/explain/Stage";
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
	const dreaming = store.traits.tab.value === "dream";
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
						store.scene.peeking.value = false;
					}}
				>
					<Header />
					<TargetBar />
					<div class="sw-body">
						<LayerRail />
						<LayerSelect />
						<div class="sw-centre" id={panel} role="tabpanel" aria-label={store.traits.tab.value}>
							{dreaming ? <DreamStage /> : <Stage />}
							{dreaming ? <DreamStrip /> : <LookStrip />}
						</div>
						{dreaming ? <DreamInspector /> : <Inspector />}
					</div>
					<Footer panel={panel} />
					{store.helpOpen.value && <KeysHelp />}
				</div>
			</div>
		</StoreProvider>
	);
}
