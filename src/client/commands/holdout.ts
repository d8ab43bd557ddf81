/** What the hold-out said of the winner. */
import { holdoutEvaluationSchema, type HoldoutEvaluation } from '../../contracts/evaluation-document';
import type { RunStatus } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { figure } from '../render/run';
import { table } from '../render/table';
import { openStore, readArtifactJson } from '../store';

/** A table of the winner's metrics with their intervals, beside the champion's where there was one; no lines before the hold-out. */
export async function holdoutLines(context: CommandContext, status: RunStatus): Promise<string[]> {
  const artifact = status.stages.find(({ stage }) => stage === 'holdout')?.artifact;
  if (!artifact) return [];
  const store = await openStore(context);
  const measured = holdoutEvaluationSchema.safeParse(await readArtifactJson(store, artifact, 'holdout.json'));
  return measured.success ? metricLines(measured.data) : [];
}

/** Pure part of {@link holdoutLines}. */
function metricLines({ challenger, champion, confidence }: HoldoutEvaluation): string[] {
  const percent = `${Math.round(confidence * 100)} %`;
  const versus = champion === undefined ? [] : [`champion v${champion.version}`];
  const names = SHOWN.filter((name) => challenger.metrics[name] !== undefined);
  return table(
    [
      `hold-out, ${challenger.rows.toLocaleString('en')} rows`,
      challenger.name,
      `${percent} interval`,
      ...versus,
    ],
    names.map((name) => {
      const { value, lower, upper } = challenger.metrics[name] ?? { value: null, lower: null, upper: null };
      return [
        name,
        figure(value),
        `${figure(lower)} to ${figure(upper)}`,
        ...(champion === undefined ? [] : [figure(champion.metrics[name]?.value)]),
      ];
    }),
  );
}

/** The metrics that say most, for each task; the report has all. */
const SHOWN = [
  'accuracy',
  'roc_auc',
  'average_precision',
  'f1',
  'f1_macro',
  'precision',
  'recall',
  'log_loss',
  'rmse',
  'mae',
  'r2',
];
