import { createEnsure } from './ensure/ensure';
import { createArtifacts } from './rooms/artifacts';
import { createExperiments } from './rooms/experiments';
import { createLineage } from './rooms/lineage';
import { createLoggedModels } from './rooms/logged-models';
import { createMetrics } from './rooms/metrics';
import { createModelVersions } from './rooms/model-versions';
import { createRegisteredModels } from './rooms/registered-models';
import { createRuns } from './rooms/runs';
import { createCall } from './transport/call';
import type { MlflowClientOptions } from './transport/options';
import { createTransport } from './transport/transport';

/** A client of one MLflow server. It holds no state but the options, and can be shared freely. */
export type MlflowClient = ReturnType<typeof createMlflowClient>;

/**
 * Makes a client of an MLflow 3 server. Nothing is sent until a method is called.
 *
 * It never retries: every failure is an `MlflowError` that says whether a repetition may help.
 *
 * @throws MlflowError `INVALID_REQUEST` for an address that is not http(s).
 */
export function createMlflowClient(options: MlflowClientOptions) {
  const transport = createTransport(options);
  const call = createCall(transport);
  const experiments = createExperiments(call);
  const runs = createRuns(call);
  const loggedModels = createLoggedModels(call);
  const registeredModels = createRegisteredModels(call);
  const modelVersions = createModelVersions(call);

  return {
    /** Scheme, host, port and path prefix of the server, without credentials. */
    trackingUri: transport.base,
    experiments,
    runs,
    metrics: createMetrics(call),
    lineage: createLineage(call),
    loggedModels,
    registeredModels,
    modelVersions,
    artifacts: createArtifacts(transport, call, { runs, loggedModels, modelVersions }),
    ensure: createEnsure({ experiments, runs, loggedModels, registeredModels, modelVersions }),
    /** Any endpoint of the generated table, with fields as MLflow spells them. */
    call,
  };
}
