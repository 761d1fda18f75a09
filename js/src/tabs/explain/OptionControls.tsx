import { deepEqual } from "../../kernel/question";
import type { MethodOption } from "../../kernel/traits";
import { useStore } from "../../view/context";
import { OptionRow } from "../../view/OptionRow";

/** The method's own options, made from its declaration. */
export function OptionControls() {
	const store = useStore();
	const { options, network } = store.traits;
	function choose(option: MethodOption, value: unknown): void {
		const { [option.name]: _, ...others } = options.value;
		store.ask({ options: deepEqual(value, option.default) ? others : { ...others, [option.name]: value } });
	}
	return (
		<>
			{store.method.value?.options.map((option) => (
				<OptionRow
					key={`${store.traits.method.value} ${option.name}`}
					option={option}
					value={option.name in options.value ? options.value[option.name] : option.default}
					layers={network.value.layers}
					explained={store.traits.layer_idx.value}
					disabled={!store.alive.value}
					choose={(value) => choose(option, value)}
				/>
			))}
		</>
	);
}
