import { formatEnd, formatShare } from "../../text/format";
import { useStore } from "../../view/context";
import { BarSpan } from "./BarSpan";
import { type Bar, barsOf } from "./bars";
import { formatArrow, formatChange } from "./change";
import { useEvidence } from "./context";
import type { Intervention, Row } from "./protocol";

/** So many classes lead the image as it is. */
const LEADERS = 3;

/** The scores of the classes that led before, and of those that lead now. */
export function ScoreTable() {
	const { shown } = useEvidence();
	const now = shown.value;
	const rows = now?.rows ?? [];
	const values = rows.flatMap(({ before, after }) => [before, after]);
	const bars = barsOf(values);
	const top = Math.max(0, ...values.map(Math.abs));
	// The place of the rows that may come is kept.
	const kept = Math.min(2 * LEADERS, useStore().target.classes.value);
	return (
		<section
			class="sw-scores"
			aria-label="scores"
			data-testid="scores"
			data-region={now?.region}
			style={{ "--sw-rows": kept }}
		>
			<TargetLine of={now} />
			<p class="sw-legend" aria-hidden="true">
				<span class="sw-key" data-kind="before" /> before <span class="sw-key" data-kind="after" /> after
			</p>
			<table>
				<colgroup>
					<col class="sw-col-class" />
					<col />
					<col class="sw-col-change" />
					<col class="sw-col-probability" />
					<col class="sw-col-rank" />
				</colgroup>
				<thead>
					<tr>
						<th scope="col" colSpan={2}>
							<h2 class="sw-title">Scores</h2>
						</th>
						<th scope="col">change</th>
						<th scope="col">probability</th>
						<th scope="col">rank</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((row, at) => (
						<ScoreRow
							key={row.index}
							row={row}
							bars={[bars[2 * at] as Bar, bars[2 * at + 1] as Bar]}
							top={top}
							first={at === LEADERS}
						/>
					))}
				</tbody>
			</table>
		</section>
	);
}

/** "11.3 → 4.1 logit, log-odds 2.1 → −5.6 (−7.7)" of the target itself, which need not be one of the rows. */
function TargetLine({ of }: { of: Intervention | null }) {
	if (!of) return <p class="sw-target-line" />;
	const { after, before, change, log_odds, target, units } = of;
	return (
		<p class="sw-target-line" data-testid="target-line">
			<b>{target}</b> {formatEnd(before)} → {formatEnd(after)} {target.includes(units) ? "" : `${units} `}(
			<b>{formatChange(change)}</b>)
			{log_odds && (
				<span>
					log-odds {formatEnd(log_odds[0])} → {formatEnd(log_odds[1])} ({formatChange(log_odds[1] - log_odds[0])})
				</span>
			)}
		</p>
	);
}

interface ScoreRowProps {
	row: Row;
	bars: [Bar, Bar];
	/** The largest size of a score, which says how many decimals count. */
	top: number;
	/** The first of those that lead only now. */
	first: boolean;
}

function ScoreRow({ row, bars, top, first }: ScoreRowProps) {
	const { index, label, before, after, probability, rank } = row;
	const own = useStore().target.chosenClass.value === index;
	return (
		<tr data-own={String(own)} data-first={String(first)}>
			<th scope="row" title={label}>
				{label}
			</th>
			<td class="sw-two-bars">
				<BarSpan of={bars[0]} kind="before" />
				<BarSpan of={bars[1]} kind="after" />
				<span class="sw-hidden">
					{formatEnd(before)} to {formatEnd(after)}
				</span>
			</td>
			<td class="sw-change">{formatChange(after - before, top)}</td>
			<td class="sw-soft">
				{probability ? formatArrow([formatShare(probability[0]), formatShare(probability[1])]) : "–"}
			</td>
			<td>
				<span class="sw-soft">{rank[0]} →</span> {rank[1]}
			</td>
		</tr>
	);
}
