// The anywidget module. Nothing runs before `render`: a module that is slow to load misses the kernel's updates.

import type { RenderProps } from "@anywidget/types";
import { render as mount } from "preact";
import { Explorer } from "./frame/Explorer";
import { keepKeys, takeFocus } from "./frame/keyboard";
import type { ExplorerModel } from "./kernel/bind";
import { openStore } from "./state/store";
import { TABS } from "./tabs/tabs";
import { followPicks } from "./target/choose";

function render({ model, el }: Pick<RenderProps, "model" | "el">): () => void {
	const store = openStore(model as ExplorerModel, el, TABS);
	mount(<Explorer store={store} />, el);
	const unfollow = followPicks(store);
	store.start();
	const letKeysGo = keepKeys(el);
	const letFocusGo = takeFocus(el);
	// A view is rendered before it is in the page: look around once it has a size there.
	const sized = new ResizeObserver(() => store.measure());
	sized.observe(el);
	return () => {
		sized.disconnect();
		letKeysGo();
		letFocusGo();
		unfollow();
		mount(null, el);
		store.dispose();
	};
}

export default { render };
