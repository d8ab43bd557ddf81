/** A plan as the text of a pipeline file, with comments that say why. Pure. */
import { MOST_RULES, type PipelinePlan } from './pipeline-plan';
import { comment, list, mapping, scalar, wrappedList } from './yaml-text';

/** The file's text. @param schema relative path of the JSON Schema for editors */
export function renderPipeline(plan: PipelinePlan, schema: string): string {
  return [
    `# yaml-language-server: $schema=${schema}`,
    ...head(plan),
    '',
    ...data(plan),
    '',
    ...quality(plan),
    '',
    ...split(plan),
    '',
    ...features(plan),
    '',
    ...candidates(plan),
    '',
    ...evaluation(plan),
    '',
    ...release(plan),
    '',
  ].join('\n');
}

function head({ name, label, table }: PipelinePlan): string[] {
  return [
    `# Written by \`millrace init\` from a look at ${table.rows} rows. Everything here is a proposal: read it, and make it yours.`,
    'apiVersion: millrace/v1',
    `name: ${scalar(name)}`,
    `description: ${scalar(`Predicts ${label.name}`)}`,
  ];
}

function data(plan: PipelinePlan): string[] {
  const { source, table, label, key, target, dropDuplicates } = plan;
  const reading = mapping({
    uri: scalar(source.uri),
    format: table.format,
    delimiter: table.delimiter === undefined ? undefined : JSON.stringify(table.delimiter),
    header: table.header === undefined ? undefined : String(table.header),
  });
  const labelled = `SELECT * FROM "${source.name}" WHERE "${label.name.replaceAll('"', '""')}" IS NOT NULL`;
  return [
    'sources:',
    `  ${source.name}: ${reading}`,
    '',
    'dataset:',
    ...(label.missing === 0
      ? [`  from: ${source.name}`]
      : [
          `  # ${label.missing} rows have no label: nothing can be learnt from them.`,
          `  sql: ${JSON.stringify(labelled)}`,
        ]),
    key === undefined
      ? '  # No column is unique: a row is identified by its content. Name one with key: when there is one.'
      : `  key: ${scalar(key)} # identifies a row, and decides on which side of the split it falls`,
    `  label: ${scalar(label.name)}`,
    ...(target.positive === undefined
      ? []
      : [
          `  positive: ${scalar(target.positive)} # what is predicted; chosen ${target.positiveBecause ?? ''}`,
        ]),
    `  task: ${target.task}`,
    ...(dropDuplicates === false
      ? []
      : [
          '  # Rows that repeat would stand on both sides of the split: a model would know the answer.',
          `  dropDuplicates: ${dropDuplicates === true ? 'true' : list(dropDuplicates)}`,
        ]),
  ];
}

function quality(plan: PipelinePlan): string[] {
  const left = plan.features.select.length - MOST_RULES;
  return [
    '# What must be true of the data before anything is trained: what was seen, with slack. `severity: warn` reports instead of failing.',
    'quality:',
    `  rows: { min: ${plan.minRows} }`,
    `  duplicates: { max: ${plan.maxDuplicates} } # rows that repeat another in all columns but the key; ${plan.duplicates} were seen`,
    ...(plan.minBalance === undefined
      ? []
      : [`  balance: { min: ${plan.minBalance}, severity: warn } # smallest class / largest class`]),
    '  columns:',
    ...plan.rules.map(({ column, rules }) => {
      const text = mapping({
        type: rules.type,
        unique: rules.unique === undefined ? undefined : 'true',
        nulls: `{ max: ${rules.nulls.max} }`,
        min: rules.min === undefined ? undefined : String(rules.min),
        max: rules.max === undefined ? undefined : String(rules.max),
        allowed: rules.allowed === undefined ? undefined : list(rules.allowed),
      });
      return `    ${scalar(column.name)}: ${text}`;
    }),
    ...(left > 0 ? [`    # ${left} more columns have no rules yet.`] : []),
  ];
}

function split({ features, key }: PipelinePlan): string[] {
  const lines = [
    '# By a hash of the key, so that a row never changes sides as the data grows. Validation chooses the winner; the hold-out only judges it.',
    `split: { ${key === undefined ? '' : 'by: key, '}validation: 0.15, holdout: 0.2, seed: 42 }`,
  ];
  const [moment] = features.moments;
  if (moment !== undefined)
    lines.push(
      `# ${comment(moment.name)} may say when a row was. Then hold out the newest rows instead, as in production:`,
      `# split: { time: { column: ${comment(scalar(moment.name))}, gap: 1d }, validation: 0.15, holdout: 0.2 }`,
    );
  const [group] = features.groups;
  if (group !== undefined)
    lines.push(
      `# ${comment(group.name)} repeats. If its rows belong together, keep them on one side:`,
      `# split: { group: ${comment(scalar(group.name))}, validation: 0.15, holdout: 0.2 }`,
    );
  return lines;
}

function features({ features: { select, text, dropped } }: PipelinePlan): string[] {
  const names = select.map(({ name }) => name);
  return [
    'features:',
    ...(dropped.length === 0
      ? ['  # All columns but key and label.']
      : [
          '  # Left out:',
          ...dropped.map(({ column, why }) => `  #   ${comment(column.name)}: ${comment(why)}`),
        ]),
    ...selectLines(names),
    ...(text.length === 0
      ? []
      : [`  text: ${list(text.map(({ name }) => name))} # free text: TF-IDF, fitted on training rows only`]),
    '  # SQL over one row; it travels with the model, so callers send the columns as they are:',
    '  # derive: { ratio: "a / greatest(b, 1)" }',
  ];
}

function selectLines(names: readonly string[]): string[] {
  const short = `  select: ${list(names)}`;
  return short.length <= 110 ? [short] : ['  select:', '    [', ...wrappedList(names, '      '), '    ]'];
}

function candidates(plan: PipelinePlan): string[] {
  return [
    '# They compete on the validation rows.',
    'candidates:',
    ...plan.candidates.map(({ name, trainer, params }) => {
      const settings =
        params === undefined
          ? undefined
          : mapping(Object.fromEntries(Object.entries(params).map(([key, value]) => [key, scalar(value)])));
      return `  - ${mapping({ name, trainer, params: settings })}`;
    }),
    '  # Your own code: - { name: ours, trainer: { python: train.py:fit, requirements: requirements.txt } }',
    '  # Several settings: - { name: deep, trainer: xgboost, matrix: { max_depth: [4, 6, 8] } }',
  ];
}

function evaluation({ gate, target }: PipelinePlan): string[] {
  return [
    'evaluation:',
    `  select: { metric: ${gate.select} }`,
    ...(target.task === 'binary' ? ['  threshold: { maximise: f1 }'] : []),
    '  gate: # on the hold-out, which no candidate has seen',
    `    - { metric: ${gate.metric}, min: ${gate.min} } # ${comment(gate.nothing)}: raise it to what the model must be worth`,
    `    - { metric: ${gate.metric}, versusChampion: { tolerance: ${gate.tolerance} } } # no worse than the model in production`,
  ];
}

function release({ name }: PipelinePlan): string[] {
  return [
    `registry: { model: ${scalar(name)} }`,
    'deploy: { target: local, approval: auto } # approval: required waits for `millrace approve`',
    'notify: { failed: [console], rejected: [console] }',
  ];
}
