import type { Layer, Network } from "../kernel/traits";
import { isOutput, outputAt, unitOf } from "../target/network";
import { formatShape } from "../text/format";

/** "153 · 7×7×1280", and for the output "155 · 1000 classes". */
export function layerNote(layer: Layer, network: Network): string {
	if (!isOutput(layer, network)) return `${layer.index} · ${formatShape(layer.shape)}`;
	const unit = unitOf(outputAt(network, layer.index));
	const plural = unit === "class" ? "classes" : "outputs";
	return `${layer.index} · ${layer.filters} ${layer.filters === 1 ? unit : plural}`;
}
