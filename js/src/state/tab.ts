// What a tab is: one row of the table in tabs/tabs.ts, which the store and the frame around the tabs read.

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { TraitSignals } from "../kernel/bind";
import type { TabMessage, TabProtocol } from "../kernel/protocol";
import type { ShownInput } from "../stage/input";
import type { Pane } from "../stage/pane";
import type { Region } from "../stage/region/region";
import type { Target } from "../target/target";

export interface Tab extends TabProtocol {
	title: string;
	/** The line at the right end of the footer. */
	hint: string;
	/** What Space does, in the help about keys. */
	space: string;
	/** The names of the panes that it shows; their questions follow the controls. */
	panes: readonly string[];
	/** The list of layers has no room beside it. */
	rail?: false;
	Stage: ComponentType;
	Strip: ComponentType;
	Inspector: ComponentType;
	Status: ComponentType;
	/** Its state in one view, made once as the view is rendered. */
	open: (view: Surroundings) => TabState;
}

/** What the state of a tab can reach of the view that it is in. */
export interface Surroundings {
	traits: TraitSignals;
	target: Target;
	input: ShownInput;
	/** What is marked of the image. */
	region: Region;
	alive: ReadonlySignal<boolean>;
	pane: (name: string) => Pane;
	/** Send what wants an answer. */
	request: (message: TabMessage) => void;
	/** Send what wants none. */
	notify: (message: TabMessage) => void;
}

export interface TabState {
	/** What a screen reader says. */
	announcement: ReadonlySignal<string>;
	/** The map or picture that shows as Python for the next cell; "" where there is none. */
	python: ReadonlySignal<string>;
	/** What keys of the whole view do here, by name: Escape, " ". */
	keys: Readonly<Record<string, (event: KeyboardEvent) => void>>;
	/** Work goes on, besides that on a pane, of which more is to come. */
	running?: ReadonlySignal<boolean>;
	/** Take a message that one of the tab's own readers has read. */
	receive?(message: TabMessage): void;
	/** Show an error that is about the tab. */
	fail?(text: string): void;
	dispose?(): void;
}
