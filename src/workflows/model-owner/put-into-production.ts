/** Smoke test, then switch, then alias: the one way by which a version becomes champion. */
import { CancellationScope } from '@temporalio/workflow';
import type { OwnerActivities } from './proxies';

/** One version on its way into production. */
export interface Rollout {
  readonly model: string;
  readonly version: string;
  readonly deploymentId: string;
  /** Starts the version beside the serving one and tests it. `served: false`: it only gets the alias. */
  readonly stage: () => Promise<{ readonly served: boolean }>;
}

/**
 * Each step is idempotent and the workflow is durable, so a crash anywhere is completed by its retry. If a step fails for good, the
 * endpoint goes back to the version that served before, whose server runs until the alias is set.
 *
 * Once begun it is not cancelled: half-way is the one state that must not last.
 * @returns the endpoint's address, where there is one. Throws what failed, after everything is as it was.
 */
export async function putIntoProduction(
  activities: OwnerActivities,
  { model, version, deploymentId, stage }: Rollout,
): Promise<{ endpoint?: string }> {
  const { registry, deployment, cleanUp } = activities;
  return CancellationScope.nonCancellable(async () => {
    try {
      const { served } = await stage();
      const endpoint = served
        ? (await deployment.switchDeployment({ model, version, deploymentId })).endpoint
        : undefined;
      await registry.setChampionAlias({ model, version });
      await (served ? cleanUp.completeDeployment : cleanUp.discardDeployment)({ model, deploymentId }).catch(
        // Something that nobody asks any more runs on: the next deployment tries again to stop it.
        () => undefined,
      );
      return endpoint === undefined ? {} : { endpoint };
    } catch (error) {
      // What failed first is what a person must hear; an endpoint that cannot be put back is started again by `millrace up` and every worker.
      await cleanUp.discardDeployment({ model, deploymentId }).catch(() => undefined);
      throw error;
    }
  });
}
