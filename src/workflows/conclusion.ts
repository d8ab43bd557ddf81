/** What surrounds a run: its MLflow run from the start, the report, the ledger and the notifications at its end. */
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { reasonsInBrief } from '../contracts/gate-in-brief';
import type { Outcome, ResolvedRun } from '../contracts/runs';
import type { AnnounceRunInput, RunArtifacts, StartTrackingOutput } from '../contracts/steps';
import { announcing, resolving, type RunActivities } from './activity-proxies';
import { endsTheRun, failureOf } from './failures';
import type { RunState } from './run-state';

/** Begins and concludes the records of a run. Concluding always happens, also after a failure or a cancellation. */
export class Conclusion {
  private resolved: ResolvedRun | undefined;
  private activities: RunActivities | undefined;
  private started: Promise<StartTrackingOutput> | undefined;
  private readonly notifications: Promise<void>[] = [];

  constructor(
    private readonly run: RunState,
    private readonly startedBy: string | undefined,
    private readonly promote: boolean | undefined,
  ) {}

  /** Starts the MLflow run beside the data stages: an MLflow that is down holds up nothing before the training. */
  begin(resolved: ResolvedRun, activities: RunActivities): void {
    this.resolved = resolved;
    this.activities = activities;
    const { workflowId, runId } = this.run.status;
    // A data set is no model: MLflow has nothing to do with it.
    if (resolved.publishes !== undefined) return;
    this.started = activities.services
      .startTracking({
        spec: resolved.spec,
        run: { workflowId, runId },
        pipeline: resolved.pipeline,
        ...(this.startedBy !== undefined && { startedBy: this.startedBy }),
      })
      .then((tracking) => (this.run.status.mlflow = tracking));
    // Whoever needs it awaits it; an early failure must not become an unhandled one meanwhile.
    this.started.catch(() => undefined);
  }

  /** The MLflow run, once it is there. */
  async tracking(): Promise<StartTrackingOutput> {
    if (!this.started) throw new Error('tracking was asked for before the run began');
    return this.started;
  }

  /** Tells people of an event while the run goes on. */
  notifyLater(event: AnnounceRunInput['event']): void {
    const notification = CancellationScope.nonCancellable(() => this.notify(event));
    this.notifications.push(notification.catch(() => undefined));
  }

  /**
   * Report, MLflow, ledger, notifications. A run that failed before its pipeline file was read has only the last two. What cannot be
   * written for good is said among the reasons: a model that is deployed stays deployed, report or no report.
   */
  async conclude(): Promise<void> {
    const { run, activities, resolved } = this;
    const { outcome } = run.status;
    if (!outcome) throw new Error('a run is concluded with an outcome');
    const announced = this.announce(outcome);
    if (activities && resolved && run.artifacts) {
      const { artifacts } = run;
      const report = await this.tolerating('the report could not be written', () =>
        run.stage(
          'report',
          () =>
            activities.data.writeReport({
              status: run.status,
              artifacts,
              ...(run.decision && {
                gate: { passed: run.decision.passed, reasons: reasonsInBrief(run.decision.reasons) },
              }),
              ...(run.timesGated !== undefined && { timesGated: run.timesGated }),
              startedAt: run.startedAt,
              endedAt: new Date().toISOString(),
            }),
          ({ artifact }) => ({ artifact }),
        ),
      );
      if (report) run.status.report = report.path;
      await this.tolerating('the MLflow run could not be ended', () =>
        this.finishTracking(activities, resolved, report?.artifact),
      );
    }
    await Promise.all(this.notifications);
    await this.tolerating('nobody could be notified of the end of the run', () => this.notify(outcome));
    await announced;
  }

  /**
   * Announces the outcome to other runs, which wait for this one or start upon it: at once, for the report and MLflow are no affair of theirs. A run
   * without promotion moves nothing, so there is nothing to announce.
   */
  private async announce(outcome: Outcome): Promise<void> {
    const { run, resolved } = this;
    const { pipeline, workflowId, runId, nominalDate, published } = run.status;
    if (!patched('announcements') || this.promote === false) return;
    await this.tolerating('the outcome could not be announced to other runs', () =>
      (this.activities?.announcing ?? announcing).announceOutcome({
        pipeline: resolved?.pipeline ?? pipeline,
        workflowId,
        runId,
        outcome,
        ...(nominalDate !== undefined && { nominalDate }),
        ...(resolved?.publishes !== undefined && {
          dataset: { name: resolved.publishes, ...(published && { version: published.version }) },
        }),
        at: new Date().toISOString(),
      }),
    );
  }

  private async tolerating<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    try {
      return await attempt();
    } catch (error) {
      if (!endsTheRun(error)) throw error;
      const { code, message } = failureOf(error);
      this.run.status.reasons.push(`${what}: ${code} ${message}`);
      return undefined;
    }
  }

  private async finishTracking(
    activities: RunActivities,
    resolved: ResolvedRun,
    report: RunArtifacts['holdout'],
  ): Promise<void> {
    const { status, artifacts } = this.run;
    const tracking = await this.started?.catch((error: unknown) => {
      if (isCancellation(error)) return undefined;
      throw error;
    });
    if (!tracking || !status.outcome) return;
    await activities.services.finishTracking({
      run: { workflowId: status.workflowId, runId: status.runId },
      tracking: { experimentId: tracking.experimentId, runId: tracking.runId },
      spec: resolved.spec,
      outcome: status.outcome,
      ...(status.winner !== undefined && { winner: status.winner }),
      ...(artifacts?.holdout && { holdout: artifacts.holdout }),
      ...(report && { report }),
      ...(status.model?.version !== undefined && { version: status.model.version }),
    });
  }

  /** Tells people, and takes the run down in the ledger. The activity has the name that histories hold. */
  private async notify(event: AnnounceRunInput['event']): Promise<void> {
    const { run, resolved } = this;
    const services = this.activities?.services ?? resolving;
    await services.announceRun({
      status: run.status,
      ...(resolved && { spec: resolved.spec }),
      event,
      startedAt: run.startedAt,
      ...(run.status.outcome !== undefined && { endedAt: new Date().toISOString() }),
    });
  }
}
