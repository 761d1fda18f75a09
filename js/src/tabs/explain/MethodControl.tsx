import { useStore } from "../../view/context";
import { Row } from "../../view/Row";
import { Select } from "../../view/Select";

export function MethodControl() {
	const store = useStore();
	const { method, methods } = store.traits;
	return (
		<Row label="method">
			<Select
				name="method"
				value={method.value}
				choices={methods.value.map(({ group, name, title }) => [name, title, group])}
				disabled={!store.alive.value}
				choose={(name) => store.ask({ method: name })}
			/>
		</Row>
	);
}
