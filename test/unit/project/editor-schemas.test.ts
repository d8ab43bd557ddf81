/**
 * Catches: committed JSON Schemas that lag behind the contracts, an editor that marks a good file as wrong or sees nothing wrong in a bad
 * one. Validated by ajv, which knows nothing of zod.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { editorSchemas, schemaText } from '../../../src/client/editor-schemas';

const project = join(__dirname, '../../..');
const schemas = editorSchemas();
const ajv = new Ajv({ strict: false, allErrors: true });
const pipeline = ajv.compile(schemas['pipeline.schema.json']);
const millrace = ajv.compile(schemas['millrace.schema.json']);

/** The example of the design, whole, with what later versions bring. */
const DESIGN = `
apiVersion: millrace/v1
name: telco-churn
description: Who leaves next month
owner: growth-ml
tags: [churn]
params: { date: { type: date }, max_depth: { type: integer, default: 6 } }
schedule: { cron: "0 2 * * *", timezone: UTC, overlap: skip, catchUp: 10s }
triggers:
  - file: { path: data/incoming/*.csv, every: 60s, timeout: 1h, data: append }
  - kafka: { topic: ml.training.requests, where: { model: telco-churn } }
  - upstream: { pipeline: churn-features }
sources:
  customers: { uri: data/telco-churn.csv }
dataset: { from: customers, key: customer_id, label: churn, positive: "Yes" }
quality:
  rows: { min: 1000 }
  duplicates: { max: 0.01 }
  balance: { min: 0.1, severity: warn }
  freshness: { column: updated_at, max: 24h }
  columns: { tenure: { type: integer, nulls: { max: 0.05 }, min: 0, max: 100, mean: [20, 50] } }
split: { by: key, validation: 0.15, holdout: 0.2, seed: 42 }
features:
  select: [...]
  derive: { charge_per_month: "TotalCharges / greatest(tenure, 1)" }
  pointInTime: [{ view: data/usage.parquet, entity: customer_id, at: event_time, ttl: 30d, select: [...] }]
candidates:
  - { name: logistic, trainer: sklearn/logistic-regression, params: { C: 1.0 } }
  - { name: boosted, trainer: xgboost, matrix: { max_depth: [4, 6] }, resources: { gpu: 1, memory: 16Gi } }
  - { name: ours, trainer: { python: train.py:fit, requirements: requirements.txt } }
  - { name: script, trainer: { command: [python, train.py, --depth, "{{ params.max_depth }}"] } }
training: { backend: local, pool: gpu, priority: 3, retries: { attempts: 3, initial: 5m, max: 30m }, timeout: 2h }
evaluation:
  select: { metric: f1, on: validation }
  threshold: { maximise: f1 }
  gate:
    - { metric: roc_auc, min: 0.80 }
    - { metric: roc_auc, versusChampion: { tolerance: 0.005 } }
    - { metric: recall, slice: contract, min: 0.5 }
  confidence: 0.95
  business: { saved: "sum(CASE WHEN predicted AND label THEN 120 WHEN predicted THEN -20 ELSE 0 END)" }
registry: { model: telco-churn }
deploy: { target: local, approval: auto, smoke: { rows: 50 } }
sla: 2h
notify: { failed: [slack], rejected: [slack], deployed: [slack, email] }
`;

test.each(Object.entries(schemas))('the committed %s is the one of the contracts', async (name, schema) => {
  // When this fails: npm run schemas
  expect(await readFile(join(project, 'schemas', name), 'utf8')).toBe(schemaText(schema));
});

function errorsOf(text: string): string[] {
  pipeline(parse(text));
  return (pipeline.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('the design’s file and the example pipelines are valid, and name the schema that is there', async () => {
  expect(errorsOf(DESIGN)).toEqual([]);
  for (const name of [
    'tweets-sentiment.yaml',
    'telco-churn.yaml',
    'examples/own-function/pipeline.yaml',
    'examples/own-features/pipeline.yaml',
  ]) {
    const path = join(project, 'pipelines', name);
    const text = await readFile(path, 'utf8');
    expect(errorsOf(text)).toEqual([]);
    const named = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1];
    expect(join(path, '..', named!)).toBe(join(project, 'schemas/pipeline.schema.json'));
  }
  const text = await readFile(join(project, 'millrace.yaml'), 'utf8');
  expect(millrace(parse(text))).toBe(true);
  expect(text).toContain('$schema=./schemas/millrace.schema.json');
});

test.each([
  ['name: telco-churn', 'name: Telco Churn', '/name must match pattern'],
  ['sla: 2h', 'sla: 2 hours', '/sla must match pattern'],
  ['sla: 2h', 'slaa: 2h', ' must NOT have additional properties'],
  ['target: local', 'target: lokal', '/deploy/target must be equal to one of the allowed values'],
  ['label: churn', 'lable: churn', '/dataset must NOT have additional properties'],
  ['trainer: xgboost', 'trainer: xgbost', '/candidates/1/trainer must be equal to one of the allowed values'],
  ['seed: 42', 'seed: x', '/split/seed must be integer'],
  ['max: 0.01', 'max: 2', '/quality/duplicates/max must be <= 1'],
])('%s → %s is marked', (from, to, expected) => {
  expect(errorsOf(DESIGN.replace(from, to))).toContainEqual(expect.stringContaining(expected));
});

test.each([
  ['seed: 42', 'seed: "{{ params.max_depth }}"'],
  ['target: local', 'target: "{{ params.target }}"'],
  ['sla: 2h', 'sla: "{{ params.hours }}h"'],
  ['max: 0.01', 'max: "{{ params.share }}"'],
])('a template may stand in place of %s', (from, to) => {
  expect(errorsOf(DESIGN.replace(from, to))).toEqual([]);
});

test('every section and most keys say what they mean', () => {
  const undescribed = Object.entries(schemas['pipeline.schema.json'].properties as Record<string, object>)
    .filter(([, schema]) => !('description' in schema))
    .map(([key]) => key);
  expect(undescribed).toEqual([]);
});
