/** The stage validate, with the full profile: `validate-dataset.ts FOLDER THREADS DATASET`, the last as JSON. */
import { artifactRefSchema } from '../../src/contracts/artifacts';
import { openBenchProject } from '../support/bench-project';
import { tellMeasurement } from '../support/measured-process';
import { timed } from '../support/statistics';

async function main([folder = '', threads = '1', given = '']: readonly string[]): Promise<void> {
  const { activities, spec } = await openBenchProject(folder, Number(threads));
  const dataset = artifactRefSchema.parse(JSON.parse(given));
  // Fresh, so that a repetition measures the work and not the cache.
  const validate = await timed(() => activities.validateData({ spec, fresh: true, dataset }));
  tellMeasurement({ milliseconds: { validate: validate.milliseconds }, result: validate.result.checked });
}

void main(process.argv.slice(2));
