/** The composition root, second half: the activities of each task queue, given their adapters. */
import { createBackfillActivities } from '../activities/backfill';
import { createDataActivities } from '../activities/data';
import { createDeploymentActivities } from '../activities/deployment';
import { createEvaluationActivities } from '../activities/evaluation';
import { createFeatureActivities } from '../activities/features';
import { createNotificationActivities } from '../activities/notification';
import { createPipelineActivities } from '../activities/pipeline';
import { createLeaseActivities, createPoolActivities, createPoolWordActivities } from '../activities/pools';
import { createRegistryActivities } from '../activities/registry';
import { createReleaseActivities } from '../activities/release';
import { createReportActivities } from '../activities/report';
import { createTrainingActivities } from '../activities/training';
import { createScheduledRunActivities } from '../activities/triggers/scheduled-runs';
import { createUpstreamActivities } from '../activities/upstream';
import type { QueueKind } from '../contracts/task-queues';
import type { Adapters } from './adapters';
import { codeDigestOf } from './code-digest';

/** What beside the adapters differs between deployments. */
export interface ActivitySettings {
  readonly environment: {
    readonly name: string;
    readonly modelPrefix: string;
    /** Pool → units. */
    readonly pools?: Readonly<Record<string, number>>;
  };
  /** Whether the namespace has Millrace's search attributes. */
  readonly searchAttributes: boolean;
}

/** What runs the SQL of activities, which reach it through a port: no import leads there. */
const TABLES = ['adapters/table-engine/duckdb'];

/** Activities by kind of queue; those of the queue of workflows are local ones. */
export function createActivities(adapters: Adapters, settings: ActivitySettings): Record<QueueKind, object> {
  return {
    pipelines: createPoolWordActivities(adapters),
    data: {
      ...createDataActivities({
        ...adapters,
        codeDigest: codeDigestOf(['activities/data/index', ...TABLES]),
      }),
      ...createFeatureActivities({
        ...adapters,
        codeDigest: codeDigestOf(['activities/features/index', ...TABLES]),
      }),
      ...createEvaluationActivities({
        ...adapters,
        codeDigest: codeDigestOf(['activities/evaluation/index', ...TABLES]),
      }),
      ...createReportActivities({ ...adapters, codeDigest: codeDigestOf(['activities/report/index']) }),
    },
    training: { ...createTrainingActivities(adapters), ...createLeaseActivities(adapters) },
    services: {
      ...createPipelineActivities({
        ...adapters,
        ...settings,
        hostBound: adapters.store.hostBound,
        codeDigest: codeDigestOf(['activities/pipeline/index']),
      }),
      ...createRegistryActivities(adapters),
      ...createReleaseActivities(adapters),
      ...createDeploymentActivities(adapters),
      ...createNotificationActivities(adapters),
      ...createPoolActivities(adapters),
      ...createLeaseActivities(adapters),
      ...createUpstreamActivities(adapters),
      ...createScheduledRunActivities(adapters),
      ...createBackfillActivities(adapters),
    },
  };
}
