/** The stages before the validation: `take-in-csv.ts FOLDER THREADS` stores the CSV and makes the dataset of it. */
import { openBenchProject } from '../support/bench-project';
import { tellMeasurement } from '../support/measured-process';
import { timed } from '../support/statistics';

async function main([folder = '', threads = '1']: readonly string[]): Promise<void> {
  const { activities, spec } = await openBenchProject(folder, Number(threads));
  const acquire = await timed(() => activities.acquireData({ spec, fresh: false }));
  const dataset = await timed(() =>
    activities.buildDataset({ spec, fresh: false, acquired: acquire.result.artifact }),
  );
  tellMeasurement({
    milliseconds: { acquire: acquire.milliseconds, dataset: dataset.milliseconds },
    result: dataset.result.artifact,
  });
}

void main(process.argv.slice(2));
