/** What the sections about data must agree on. */
import { didYouMean, nearest } from '../../file-problems';
import { labelOf, type Source } from '../data';
import type { PipelineSpec } from '../index';
import { datasetNamedBy, isDatasetName } from '../publish';
import type { Refuse } from './context';

/** Sources, dataset and quality against each other. */
export function checkSourcesAndQuality(spec: PipelineSpec, refuse: Refuse): void {
  checkSources(spec, refuse);
  checkDataset(spec, refuse);
  checkQuality(spec, refuse);
}

/** The label, split and features of a pipeline that trains, which has a label. */
export function checkTrainingData(spec: PipelineSpec, refuse: Refuse): void {
  checkLabel(spec, refuse);
  checkSplit(spec, refuse);
  checkFeatures(spec, refuse);
}

function checkSources(spec: PipelineSpec, refuse: Refuse): void {
  for (const [name, source] of Object.entries(spec.sources)) {
    const format = formatOf(source);
    for (const key of ['delimiter', 'header', 'nulls'] as const)
      if (source[key] !== undefined && (format === 'parquet' || format === 'jsonl'))
        refuse(['sources', name, key], `${key} is for CSV and TSV; this source is ${format}`);
    const uris = [source.uri].flat();
    uris.forEach((uri, index) => {
      const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
      const path = ['sources', name, 'uri', ...(Array.isArray(source.uri) ? [index] : [])];
      const dataset = datasetNamedBy(uri);
      if (dataset !== undefined && !isDatasetName(dataset))
        refuse(path, 'a data set is named dataset://NAME, with lower-case letters, digits, hyphens and dots');
      else if (scheme !== undefined && scheme !== 'file' && scheme !== 's3' && dataset === undefined)
        refuse(path, `${scheme}:// is not read; give a local path`);
    });
  }
}

/** The format of a source: as given, else by the endings of its files; undefined when they do not tell. */
export function formatOf(source: Pick<Source, 'uri' | 'format'>): Source['format'] {
  if (source.format !== undefined) return source.format;
  const endings = new Set(
    [source.uri]
      .flat()
      .map((uri) =>
        datasetNamedBy(uri) === undefined
          ? /\.([a-z]+)(\.(gz|zst))?$/i.exec(uri)?.[1]?.toLowerCase()
          : 'parquet',
      ),
  );
  if (endings.size !== 1) return undefined;
  const [ending] = endings;
  return (
    { csv: 'csv', tsv: 'tsv', parquet: 'parquet', pq: 'parquet', jsonl: 'jsonl', ndjson: 'jsonl' } as const
  )[ending as 'csv'];
}

function checkDataset({ sources, dataset, features }: PipelineSpec, refuse: Refuse): void {
  const names = Object.keys(sources);
  if (dataset.from !== undefined && dataset.sql !== undefined)
    refuse(['dataset', 'sql'], 'give from or sql, not both', 'key');
  else if (dataset.from !== undefined && !names.includes(dataset.from))
    refuse(['dataset', 'from'], `no source is called ${dataset.from}${didYouMean(dataset.from, names)}`);
  else if (
    dataset.from === undefined &&
    dataset.sql === undefined &&
    features.python === undefined &&
    names.length > 1
  )
    refuse(
      ['dataset'],
      `which source? add from: (one of ${names.join(', ')}), or sql: that joins them`,
      'key',
    );
}

function checkLabel({ dataset }: PipelineSpec, refuse: Refuse): void {
  if (dataset.key === dataset.label)
    refuse(
      ['dataset', 'key'],
      'key and label are the same column; the key identifies a row, the label is what is predicted',
    );
  if (dataset.positive !== undefined && dataset.task !== undefined && dataset.task !== 'binary')
    refuse(['dataset', 'positive'], `positive is for binary tasks; this one is ${dataset.task}`);
}

function checkQuality({ quality, dataset }: PipelineSpec, refuse: Refuse): void {
  const { min, max } = quality.rows ?? {};
  if (min !== undefined && max !== undefined && min > max)
    refuse(['quality', 'rows', 'min'], `min ${min} is above max ${max}: no data can pass`);
  if (quality.balance !== undefined && dataset.task === 'regression')
    refuse(['quality', 'balance'], 'balance compares classes; a regression has none', 'key');
  for (const [column, rules] of Object.entries(quality.columns)) {
    if (
      typeof rules.min === typeof rules.max &&
      rules.min !== undefined &&
      rules.max !== undefined &&
      rules.min > rules.max
    )
      refuse(
        ['quality', 'columns', column, 'min'],
        `min ${rules.min} is above max ${rules.max}: no value can pass`,
      );
    if (rules.optional && column === dataset.label)
      refuse(['quality', 'columns', column, 'optional'], 'the label cannot be missing');
  }
}

function checkSplit({ split, dataset }: PipelineSpec, refuse: Refuse): void {
  if (split.group === dataset.label)
    refuse(
      ['split', 'group'],
      'the label cannot be the group: each side would have classes that the other lacks',
    );
  if (split.time?.column === dataset.label)
    refuse(['split', 'time', 'column'], 'the label cannot be the time');
  if (split.by === 'key' && dataset.key === undefined)
    refuse(['split', 'by'], 'by: key needs dataset.key; without a key leave split.by out');
  if (split.by !== undefined && split.by !== 'group' && split.group !== undefined)
    refuse(['split', 'group'], `group is not used with by: ${split.by}`, 'key');
  if (split.by !== undefined && split.by !== 'time' && split.time !== undefined)
    refuse(['split', 'time'], `time is not used with by: ${split.by}`, 'key');
}

function checkFeatures({ features, dataset }: PipelineSpec, refuse: Refuse): void {
  const { select, derive, text, pointInTime } = features;
  const forbidden = new Map([
    [labelOf(dataset), 'is the label: a feature would give the answer away'],
    ...(dataset.key === undefined
      ? []
      : [[dataset.key, 'is the key: it identifies a row and says nothing about a new one'] as const]),
  ]);
  const selected = new Map<string, number>();
  select?.forEach((column, index) => {
    const path = ['features', 'select', index];
    const why = forbidden.get(column);
    if (why !== undefined) refuse(path, `${column} ${why}`);
    else if (selected.has(column)) refuse(path, `${column} is selected twice`);
    selected.set(column, index);
  });
  for (const name of Object.keys(derive)) {
    const why = forbidden.get(name);
    if (why !== undefined) refuse(['features', 'derive', name], `${name} ${why}`, 'key');
    else if (selected.has(name))
      refuse(
        ['features', 'derive', name],
        `${name} is selected as well: give the derived feature another name`,
        'key',
      );
  }
  const joined = new Map<string, number>();
  pointInTime.forEach((join, index) =>
    join.select.forEach((column, place) => {
      const name = join.prefix + column;
      const path = ['features', 'pointInTime', index, 'select', place];
      const before = joined.get(name);
      if (before !== undefined) refuse(path, `${name} is joined twice; set prefix: on one of the views`);
      else if (Object.hasOwn(derive, name)) refuse(path, `${name} is a derived feature as well; set prefix:`);
      else if (forbidden.has(name)) refuse(path, `${name} is the name of the label or the key; set prefix:`);
      joined.set(name, index);
    }),
  );
  text.forEach((column, index) => {
    const path = ['features', 'text', index];
    const why = forbidden.get(column);
    if (why !== undefined) refuse(path, `${column} ${why}`);
    else if (
      select !== undefined &&
      !selected.has(column) &&
      !Object.hasOwn(derive, column) &&
      !joined.has(column)
    ) {
      const near = nearest(column, [...selected.keys(), ...Object.keys(derive), ...joined.keys()]);
      refuse(
        path,
        `${column} is no feature: add it to select${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    }
  });
}
