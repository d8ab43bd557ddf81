/** How well the scores rank: ROC, and precision against recall; and whether they mean what they say: calibration. */
import type { Measurement } from '../../../contracts/evaluation-document';
import { calibrationChart } from '../charts/calibration-chart';
import { curveChart } from '../charts/curve-chart';
import { legend } from '../charts/series';
import { formatCount, formatNumber, formatShort } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { legendOf, modelsDrawn, type DrawnModel, type DrawnRows } from './models-drawn';
import { figure, section, table } from './parts';

/** ROC and precision-recall curves. Undefined where no model has them. */
export function curvesSection(data: ReportData): Html | undefined {
  const drawn = modelsDrawn(data)
    .map((rows) => ({ ...rows, models: rows.models.filter(({ measurement }) => measurement.roc?.x.length) }))
    .filter(({ models }) => models.length > 0);
  if (drawn.length === 0) return undefined;
  return section(
    'curves',
    'ROC and precision-recall curves',
    'Dashed grey is a model without skill. The disc is where the decision threshold puts the winner.',
    drawn.map(
      ({ where, models }) =>
        html`<h3>Curves ${where}</h3>
          ${legend(legendOf(models, 'line'))}
          <div class="charts">
            ${figure(html`ROC ${where}`, rocChart(where, models))}
            ${figure(html`Precision and recall ${where}`, precisionRecallChart(where, models))}
          </div>`,
    ),
  );
}

function rocChart(where: string, models: readonly DrawnModel[]): Html {
  const winner = models.find(({ kind }) => kind === 'winner')?.measurement;
  const rates = winner && ratesOf(winner);
  return curveChart({
    label: `ROC curve ${where}. ${areas(models, 'roc_auc', 'area')}`,
    ...{ xTitle: 'false positive rate', yTitle: 'true positive rate', baseline: 'diagonal' },
    series: models.map(({ name, kind, measurement }) => ({
      ...{ name, kind },
      x: measurement.roc?.x ?? [],
      y: measurement.roc?.y ?? [],
    })),
    operatingPoint: rates && { x: rates.falsePositive, y: rates.recall, name: thresholdOf(winner) },
  });
}

function precisionRecallChart(where: string, models: readonly DrawnModel[]): Html {
  const winner = models.find(({ kind }) => kind === 'winner')?.measurement;
  const any = winner ?? models[0]?.measurement;
  const rates = winner && ratesOf(winner);
  return curveChart({
    label: `Precision and recall ${where}. ${areas(models, 'average_precision', 'average precision')}`,
    ...{ xTitle: 'recall', yTitle: 'precision' },
    baseline: (any && ratesOf(any)?.positives) ?? 0,
    series: models.map(({ name, kind, measurement }) => ({
      ...{ name, kind },
      x: measurement.precisionRecall?.x ?? [],
      y: measurement.precisionRecall?.y ?? [],
    })),
    operatingPoint: rates && { x: rates.recall, y: rates.precision, name: thresholdOf(winner) },
  });
}

/** Predicted probabilities against what came true. Undefined where no model has them. */
export function calibrationSection(data: ReportData): Html | undefined {
  const rows = modelsDrawn(data).find(({ models }) => models.some(calibrated));
  if (!rows) return undefined;
  // Lines of many candidates cross each other beyond reading: the winner, and whom it is compared with.
  const models = rows.models
    .filter(calibrated)
    .filter(({ kind }, _, all) => kind !== 'other' || !all.some((model) => model.kind === 'winner'));
  return section(
    'calibration',
    'Calibration',
    html`Of the rows that were given a probability near 0.7, about 70 % should be positive: on the dashed line
    they are. Bars below count the winner's rows. Measured ${rows.where}.`,
    legend(legendOf(models, 'mark')),
    html`<div class="charts">
      ${figure(
        undefined,
        calibrationChart(
          calibrationLabel(rows, models),
          models.map(({ name, kind, measurement }) => ({ name, kind, bins: measurement.calibration ?? [] })),
        ),
      )}${binTable(models[0])}
    </div>`,
  );
}

/** The winner's bins as figures. */
function binTable(model: DrawnModel | undefined): Html | undefined {
  if (!model) return undefined;
  const bins = model.measurement.calibration ?? [];
  return table<(typeof bins)[number]>(
    `Bins of ${model.name}`,
    [
      { title: 'Mean predicted', rowHeader: true, cell: ({ predicted }) => formatNumber(predicted) },
      { title: 'Share of positives', number: true, cell: ({ observed }) => formatNumber(observed) },
      { title: 'Rows', number: true, cell: ({ rows }) => formatCount(rows) },
    ],
    bins,
  );
}

function calibrated({ measurement }: DrawnModel): boolean {
  return (measurement.calibration?.length ?? 0) > 0;
}

function calibrationLabel({ where }: DrawnRows, models: readonly DrawnModel[]): string {
  return `Calibration ${where}. ${areas(models, 'brier', 'Brier score')}`;
}

/** What the picture says, for whom it is not there. */
function areas(models: readonly DrawnModel[], metric: string, word: string): string {
  return models
    .map(({ name, measurement }) => `${name}: ${word} ${formatNumber(measurement.metrics[metric]?.value)}`)
    .join('; ');
}

function thresholdOf({ threshold }: Measurement): string {
  return threshold === null ? 'threshold' : `threshold ${formatShort(threshold)}`;
}

/** What a binary confusion matrix says; undefined for one without both classes. */
function ratesOf({ confusion }: Measurement) {
  const [[trueNegative, falsePositive] = [], [falseNegative, truePositive] = []] = confusion ?? [];
  if (trueNegative === undefined || falsePositive === undefined) return undefined;
  if (falseNegative === undefined || truePositive === undefined) return undefined;
  const [negatives, positives] = [trueNegative + falsePositive, falseNegative + truePositive];
  if (negatives === 0 || positives === 0) return undefined;
  const predicted = truePositive + falsePositive;
  return {
    positives: positives / (positives + negatives),
    falsePositive: falsePositive / negatives,
    recall: truePositive / positives,
    precision: predicted === 0 ? 1 : truePositive / predicted,
  };
}
