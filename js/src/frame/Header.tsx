import { formatCount } from "../text/format";
import { useStore } from "../view/context";
import { ClassChips } from "./ClassChips";
import { ClassSearch } from "./ClassSearch";
import { InputThumbnail } from "./InputThumbnail";
import { Menu } from "./Menu";

export function Header() {
	const { tab, traits } = useStore();
	const { network } = traits;
	const { Status } = tab.value;
	const { name, layers, parameters } = network.value;
	return (
		<div class="sw-header">
			<InputThumbnail />
			<div class="sw-model" title={name}>
				<div class="sw-model-name">{name}</div>
				<div class="sw-soft">
					{layers.length} layers · {formatCount(parameters)}
				</div>
			</div>
			<ClassChips />
			<ClassSearch />
			<Status />
			<Menu />
		</div>
	);
}
