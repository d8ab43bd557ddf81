/** Validation with the full profile, beside DuckDB's own SUMMARIZE of the same CSV. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure, Scenario } from './scenario';
import { CSV_FILE } from './support/bench-project';
import { generateCsv } from './support/generate-csv';
import { runMeasured, type Measurement } from './support/measured-process';
import { median } from './support/statistics';

const REPETITIONS = 3;
const MEGABYTE = 1e6;
const MEMORY_LIMIT = { below: 1000 };

/** See the file's head. Each in a process of its own, with the same threads, in turn; the file is in the system's cache for all of them. */
export const validation: Scenario = {
  name: 'validation',
  question: 'what does a validation with the full profile take, beside SUMMARIZE of the same CSV?',
  async run({ megabytes, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    try {
      const csv = join(folder, CSV_FILE);
      const { bytes, rows, columns } = await generateCsv(csv, megabytes);
      const size = `${Math.round(bytes / MEGABYTE).toLocaleString('en')} MB`;
      say(`generated ${size}: ${rows.toLocaleString('en')} rows, ${columns} columns`);
      const threads = String(availableParallelism());
      const taken = await runMeasured('take-in-csv.ts', [folder, threads]);
      const dataset = JSON.stringify(taken.result);
      const summarized: Measurement[] = [];
      const validated: Measurement[] = [];
      for (let round = 0; round < REPETITIONS; round++) {
        summarized.push(await runMeasured('summarize-csv.ts', [csv, threads]));
        validated.push(await runMeasured('validate-dataset.ts', [folder, threads, dataset]));
        say(
          `${round + 1} of ${REPETITIONS}: ${secondsText(summarized)} SUMMARIZE, ${secondsText(validated)} validate`,
        );
      }
      return figuresOf(`${size}, ${threads} threads`, taken, summarized, validated);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function figuresOf(
  what: string,
  taken: Measurement,
  summarized: readonly Measurement[],
  validated: readonly Measurement[],
): Figure[] {
  const summarize = median(summarized.map(secondsOf));
  const validate = median(validated.map(secondsOf));
  const takeIn = secondsOf(taken);
  return [
    {
      name: 'validate / SUMMARIZE of the CSV',
      value: validate / summarize,
      unit: '×',
      limit: { atMost: 1.5 },
      note: `${what}, medians of ${REPETITIONS} in turn`,
    },
    { name: 'SUMMARIZE of the CSV', value: summarize, unit: 's' },
    { name: 'validate, all rules and profile', value: validate, unit: 's' },
    {
      name: 'before it: take in and make the dataset',
      value: takeIn,
      unit: 's',
      note: `acquire ${partText(taken, 'acquire')}, dataset ${partText(taken, 'dataset')}; once per file, then cached`,
    },
    { name: 'from the CSV to the verdict / SUMMARIZE', value: (takeIn + validate) / summarize, unit: '×' },
    { name: 'memory of validate, peak', value: peakOf(validated), unit: 'MB', limit: MEMORY_LIMIT },
    { name: 'memory of take in, peak', value: peakOf([taken]), unit: 'MB', limit: MEMORY_LIMIT },
    { name: 'memory of SUMMARIZE, peak', value: peakOf(summarized), unit: 'MB' },
  ];
}

function secondsOf({ milliseconds }: Measurement): number {
  return Object.values(milliseconds).reduce((total, part) => total + part, 0) / 1000;
}

function secondsText(measurements: readonly Measurement[]): string {
  const last = measurements.at(-1);
  return last ? `${secondsOf(last).toFixed(1)} s` : '';
}

function partText({ milliseconds }: Measurement, part: string): string {
  return `${((milliseconds[part] ?? Number.NaN) / 1000).toFixed(1)} s`;
}

function peakOf(measurements: readonly Measurement[]): number {
  return Math.max(...measurements.map(({ peakBytes }) => peakBytes)) / MEGABYTE;
}
