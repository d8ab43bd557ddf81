/** The runs that Temporal knows, newest first. */
import { isGrpcServiceError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { MillraceError } from '../../contracts/errors';
import { parseDurationSeconds } from './since';
import { SEARCH_ATTRIBUTES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';

/** What `millrace runs` filters by. */
export interface RunFilter {
  readonly pipeline?: string;
  readonly outcome?: string;
  /** `2h`, `7d`, or a date. */
  readonly since?: string;
  readonly limit: number;
}

/** One run in the list. */
export interface RunEntry {
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  /** Temporal's word for it. */
  readonly execution: string;
  /** Millrace's, where the namespace has the search attribute. */
  readonly outcome?: string;
  readonly stage?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

/**
 * Lists runs. Outcomes, and runs of workflows that a user composed, need Millrace's search attributes; elsewhere the filter works on the
 * executions' states that imply outcomes, and only `trainingPipeline` is listed.
 */
export async function listRuns(client: Client, filter: RunFilter, now = new Date()): Promise<RunEntry[]> {
  const found: RunEntry[] = [];
  for await (const execution of executionsOf(client, filter, now)) {
    const value = (name: string): string | undefined => {
      const key = defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
      return execution.typedSearchAttributes.get(key);
    };
    const outcome = value(SEARCH_ATTRIBUTES.outcome) ?? impliedOutcome(execution.status.name);
    const stage = value(SEARCH_ATTRIBUTES.stage);
    const pipeline = value(SEARCH_ATTRIBUTES.pipeline) ?? execution.workflowId.split('/')[0] ?? '';
    if (filter.pipeline !== undefined && pipeline !== filter.pipeline) continue;
    if (filter.outcome !== undefined && outcome !== filter.outcome) continue;
    found.push({
      workflowId: execution.workflowId,
      runId: execution.runId,
      pipeline,
      execution: execution.status.name,
      ...(outcome !== undefined && { outcome }),
      ...(stage !== undefined && execution.status.name === 'RUNNING' && { stage }),
      startedAt: execution.startTime.toISOString(),
      ...(execution.closeTime && { endedAt: execution.closeTime.toISOString() }),
    });
    if (found.length >= filter.limit) break;
  }
  return found;
}

async function* executionsOf(
  client: Client,
  filter: RunFilter,
  now: Date,
): AsyncIterable<WorkflowExecutionInfo> {
  try {
    yield* client.workflow.list({ query: queryFor(filter, now) });
  } catch (error) {
    // A namespace without our search attributes refuses a filter that names one.
    if (!isGrpcServiceError(error) || (error.code as number) !== INVALID_ARGUMENT) throw error;
    yield* client.workflow.list({ query: queryFor(filter, now, false) });
  }
}

/** Of gRPC. */
const INVALID_ARGUMENT = 3;

/** Temporal's list filter: whatever says which pipeline it runs is a run. @throws USAGE for a moment that cannot be read. */
function queryFor(filter: Pick<RunFilter, 'since'>, now: Date, searchAttributes = true): string {
  const type = `WorkflowType = '${WORKFLOW_TYPES.trainingPipeline}'`;
  const clauses = [searchAttributes ? `(${type} OR ${SEARCH_ATTRIBUTES.pipeline} IS NOT NULL)` : type];
  if (filter.since !== undefined) clauses.push(`StartTime >= '${momentOf(filter.since, now).toISOString()}'`);
  return clauses.join(' AND ');
}

function momentOf(since: string, now: Date): Date {
  const seconds = parseDurationSeconds(since);
  const moment = seconds === undefined ? new Date(since) : new Date(now.getTime() - seconds * 1000);
  if (Number.isNaN(moment.getTime()))
    throw new MillraceError('USAGE', `--since takes a duration or a date, not ${since}.`, {
      mend: 'write it like 2h, 7d or 2026-11-21',
    });
  return moment;
}

/** What an execution's end says by itself. */
function impliedOutcome(execution: string): string | undefined {
  if (execution === 'FAILED' || execution === 'TERMINATED' || execution === 'TIMED_OUT') return 'failed';
  return execution === 'CANCELLED' ? 'cancelled' : undefined;
}
