/** Registry and endpoint in memory, for tests of the owner's logic only: what was called, what stands, and what shall fail. */
import { ApplicationFailure } from '@temporalio/activity';
import type { DeploymentActivities, ReleaseActivities } from '../../src/contracts/activity-interfaces';
import { deploymentIdFor } from '../../src/contracts/ids';

type Activities = ReleaseActivities & DeploymentActivities;
type Name = keyof Activities;

export class FakeProduction {
  /** Versions by the key of their train artifact, in order of registration. */
  readonly versions: string[] = [];
  champion: string | null = null;
  /** Deployment that serves, and the one that a way back leads to. */
  serving: string | undefined;
  previous: string | undefined;
  readonly staged = new Set<string>();
  /** Names of the activities that ran, with the version where there is one. */
  readonly calls: string[] = [];
  /** Versions whose pipeline deploys nowhere. */
  readonly unserved = new Set<string>();
  private readonly failures = new Map<Name, ApplicationFailure[]>();
  private readonly held = new Map<Name, Promise<unknown>>();

  /** Lets the next calls of an activity fail, in order. */
  fail(name: Name, ...failures: ApplicationFailure[]): void {
    this.failures.set(name, failures);
  }

  /** Holds calls of an activity up until the returned function is called. */
  hold(name: Name): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.held.set(name, promise);
    return () => {
      this.held.delete(name);
      resolve(undefined);
    };
  }

  readonly activities: Activities = {
    registerVersion: ({ request }) =>
      this.call('registerVersion', request.workflowId, () => {
        const key = request.trained.key;
        if (!this.versions.includes(key)) this.versions.push(key);
        return { version: String(this.versions.indexOf(key) + 1), championVersion: this.champion };
      }),
    readChampion: () => this.call('readChampion', '', () => ({ championVersion: this.champion })),
    setChampionAlias: ({ version }) =>
      this.call('setChampionAlias', version, () => void (this.champion = version)),
    stageDeployment: ({ request, version }) =>
      this.call('stageDeployment', version, () => {
        const deploymentId = deploymentIdFor({ model: request.model, version, token: request.requestId });
        this.staged.add(deploymentId);
        return { deploymentId, checkedRows: 50 };
      }),
    stageVersion: ({ model, version, promotionId }) =>
      this.call('stageVersion', version, () => {
        const deploymentId = deploymentIdFor({ model, version, token: promotionId });
        this.staged.add(deploymentId);
        return { deploymentId, checkedRows: 50, served: !this.unserved.has(version) };
      }),
    switchDeployment: ({ version, deploymentId }) =>
      this.call('switchDeployment', version, () => {
        if (!this.staged.has(deploymentId)) throw ApplicationFailure.nonRetryable('not staged', 'INTERNAL');
        if (this.serving !== deploymentId) [this.previous, this.serving] = [this.serving, deploymentId];
        return { endpoint: 'http://127.0.0.1:20000' };
      }),
    completeDeployment: ({ deploymentId }) =>
      this.call('completeDeployment', '', () => {
        this.previous = undefined;
        for (const other of this.staged) if (other !== deploymentId) this.staged.delete(other);
      }),
    discardDeployment: ({ deploymentId }) =>
      this.call('discardDeployment', '', () => {
        if (this.serving === deploymentId) [this.serving, this.previous] = [this.previous, undefined];
        this.staged.delete(deploymentId);
      }),
  };

  private async call<Result>(name: Name, subject: string, act: () => Result): Promise<Result> {
    this.calls.push(subject === '' ? name : `${name} ${subject}`);
    await this.held.get(name);
    const failure = this.failures.get(name)?.shift();
    if (failure) throw failure;
    return act();
  }
}
