import type { DreamSetting } from "../../kernel/traits";
import { Button } from "../../view/Button";
import { useStore } from "../../view/context";
import { OptionRow } from "../../view/OptionRow";
import { useDreams } from "./context";
import { groupsOf } from "./settings";

/** How the next dream is made, generated from its declaration; all groups but the first are folded. */
export function DreamSettings() {
	const store = useStore();
	const dreams = useDreams();
	const { settings } = dreams;
	const changed = Object.keys(settings.value).length;
	return (
		<section aria-label="settings">
			<h2 class="sw-title sw-title-row">
				Settings
				<Button
					class="sw-more"
					disabled={changed === 0}
					act={() => {
						settings.value = {};
					}}
				>
					reset to defaults
				</Button>
			</h2>
			{groupsOf(store.traits.dream_settings.value).map(([group, inside], at) => (
				<Group key={group} name={group} inside={inside} foldable={at > 0} />
			))}
		</section>
	);
}

interface GroupProps {
	name: string;
	inside: readonly DreamSetting[];
	foldable: boolean;
}

function Group({ name, inside, foldable }: GroupProps) {
	const store = useStore();
	const dreams = useDreams();
	const { settings, unfolded } = dreams;
	const open = !foldable || unfolded.value.includes(name);
	const changed = inside.filter((setting) => setting.name in settings.value).length;
	function turn(): void {
		const others = unfolded.value.filter((group) => group !== name);
		unfolded.value = open ? others : [...others, name];
	}
	return (
		<fieldset aria-label={name}>
			{foldable && (
				<Button class="sw-more sw-group" expanded={open} act={turn}>
					<span aria-hidden="true">{open ? "▾" : "▸"}</span> {name}
					{changed > 0 && ` · ${changed} changed`}
				</Button>
			)}
			{open &&
				inside.map((setting) => (
					<OptionRow
						key={setting.name}
						option={setting}
						value={setting.name in settings.value ? settings.value[setting.name] : setting.default}
						layers={[]}
						disabled={!store.alive.value}
						choose={(value) => dreams.set(setting, value)}
					/>
				))}
		</fieldset>
	);
}
