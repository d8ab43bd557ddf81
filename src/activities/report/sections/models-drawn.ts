/** Whose measurements are drawn: on the hold-out winner and champion, on validation every candidate. */
import type { Measurement } from '../../../contracts/evaluation-document';
import type { LegendEntry, SeriesKind } from '../charts/series';
import type { ReportData } from '../report-data';

/** One model with what was measured of it. */
export interface DrawnModel {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly measurement: Measurement;
}

/** Models measured on the same rows. */
export interface DrawnRows {
  readonly id: 'holdout' | 'validation';
  /** `on the hold-out`. */
  readonly where: string;
  readonly models: readonly DrawnModel[];
  readonly classes: readonly string[];
}

/** The hold-out first, where there is one; rows on which nothing was measured are left out. */
export function modelsDrawn({ holdout, evaluations, run }: ReportData): DrawnRows[] {
  const validation = Object.values(evaluations);
  const rows: DrawnRows[] = [];
  if (holdout)
    rows.push({
      ...{ id: 'holdout', where: 'on the hold-out', classes: holdout.classes },
      models: [
        { name: holdout.challenger.name, kind: 'winner', measurement: holdout.challenger },
        ...(holdout.champion
          ? [
              {
                name: `champion version ${holdout.champion.version}`,
                kind: 'champion' as const,
                measurement: holdout.champion,
              },
            ]
          : []),
      ],
    });
  if (validation.length > 0)
    rows.push({
      ...{ id: 'validation', where: 'on validation', classes: validation[0]?.classes ?? [] },
      models: validation
        .map(({ candidate, validation: measurement }): DrawnModel => ({
          ...{ name: candidate, measurement },
          kind: candidate === run.status.winner ? 'winner' : 'other',
        }))
        .sort((a, b) => Number(b.kind === 'winner') - Number(a.kind === 'winner')),
    });
  return rows;
}

/** The models' legend; the many that are drawn alike are one entry. */
export function legendOf(models: readonly DrawnModel[], form: LegendEntry['form']): LegendEntry[] {
  const others = models.filter(({ kind }) => kind === 'other').map(({ name }) => name);
  return [
    ...models
      .filter(({ kind }) => kind !== 'other')
      .map(({ name, kind }) => ({ form, kind, name: kind === 'winner' ? `${name} (winner)` : name })),
    ...(others.length > 0 ? [{ form, kind: 'other' as const, name: others.join(', ') }] : []),
  ];
}
