// The store of a view with the tabs that ship, and the parts of it that most tests look at.

import type { ExplorerModel } from "../src/kernel/bind";
import { openStore } from "../src/state/store";
import { openDreams } from "../src/tabs/dream/dreams";
import { TABS } from "../src/tabs/tabs";

export type Opened = ReturnType<typeof opened>;

export function opened(model: ExplorerModel, el: HTMLElement = document.createElement("div")) {
	const store = openStore(model, el, TABS);
	return { ...store, explained: store.pane("explain"), dreams: store.stateOf(openDreams) };
}
