// Catches a command line that works in parts and not as a whole: what a newcomer types from the first CSV to a model in production and on through
// its life, on one embedded stack that is brought up, taken down and brought up again. Each file under embedded/ names what it exists to catch.
import { CLI_TEST_MS, CliProject } from './cli-project';
import { testBackfills } from './embedded/backfills';
import { testEndurance } from './embedded/endurance';
import { testFirstModel } from './embedded/first-model';
import { testReleases } from './embedded/releases';
import { testRunOptions } from './embedded/run-options';
import { testSteering } from './embedded/steering';
import { testStackDown } from './embedded/stack-down';
import { testTemporalCli } from './embedded/temporal-cli';
import { testTroubledRuns } from './embedded/troubled-runs';
import { testWrongWords } from './embedded/wrong-words';

describe('the command line on its embedded stack', () => {
  let project: CliProject;
  beforeAll(async () => {
    project = await CliProject.create();
  });
  afterAll(() => project.remove(), CLI_TEST_MS);

  // In this order: the stack is down, then up, with one model, then with more; the last takes it down.
  const typed = (): CliProject => project;
  testStackDown(typed);
  testFirstModel(typed);
  testWrongWords(typed);
  testRunOptions(typed);
  testBackfills(typed);
  testTroubledRuns(typed);
  testSteering(typed);
  testReleases(typed);
  testTemporalCli(typed);
  testEndurance(typed);
});
