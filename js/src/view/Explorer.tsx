import { useId } from "preact/hooks";
import { onKeyDown, onKeyUp } from "../keyboard";
import type { Store } from "../store";
import { StoreProvider } from "./context";
import { DreamInspector } from "./dream/DreamInspector";
import { DreamStage } from "./dream/DreamStage";
import { DreamStrip } from "./dream/DreamStrip";
import { Footer } from "./Footer";
import { useKeptFocus } from "./focus";
import { Header } from "./Header";
import { Inspector } from "./Inspector";
import { KeysHelp } from "./KeysHelp";
import { LayerRail } from "./LayerRail";
import { LayerSelect } from "./LayerSelect";
import { LookStrip } from "./LookStrip";
import { Stage } from "./Stage";
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
