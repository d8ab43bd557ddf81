/**
 * Catches a client that says one thing and an MLflow server that understands another: every suite here speaks to a real
 * server, and what is written is read back by MLflow's own Python client.
 */
import { startMlflowServer, type MlflowServer } from '../../../../test/support/mlflow-server';
import { describeArtifacts } from './suites/artifacts';
import { contextFor, type SuiteContext } from './suites/context';
import { describeEnsure } from './suites/ensure';
import { describePythonReader } from './suites/python-reader';
import { describeReadme } from './suites/readme';
import { describeRegistry } from './suites/registry';
import { describeTracking } from './suites/tracking';

jest.setTimeout(240_000);

let server: MlflowServer;
let context: SuiteContext;

beforeAll(async () => {
  server = await startMlflowServer();
  context = contextFor(server.uri);
});
afterAll(() => server.stop());

const current = (): SuiteContext => context;
describeTracking(current);
describeRegistry(current);
describeArtifacts(current);
describeEnsure(current);
describePythonReader(current);
describeReadme(current);
