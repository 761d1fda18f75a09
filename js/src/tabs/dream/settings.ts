// The settings of the next dream: only what differs from the default is kept and sent. Pure.

import { deepEqual } from "../../kernel/question";
import type { DreamSetting } from "../../kernel/traits";
import type { DreamSettings } from "./protocol";

export function withSetting(settings: DreamSettings, { name, default: usual }: DreamSetting, value: unknown) {
	const { [name]: _, ...others } = settings;
	return deepEqual(value, usual) ? others : { ...others, [name]: value };
}

/** Those that the kernel declares: it may have stopped to declare one since. */
export function declaredOnly(settings: DreamSettings, declared: readonly DreamSetting[]): DreamSettings {
	return Object.fromEntries(declared.flatMap(({ name }) => (name in settings ? [[name, settings[name]]] : [])));
}

/** Group by group, in the order of their first setting. */
export function groupsOf(declared: readonly DreamSetting[]): [string, DreamSetting[]][] {
	const groups = new Map<string, DreamSetting[]>();
	for (const setting of declared) groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
	return [...groups];
}
