/** Temporal Schedules, one per pipeline. */
import {
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  ServiceError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { MillraceError } from '../../../contracts/errors';
import { scheduleIdFor } from '../../../contracts/ids';
import type { Schedule } from '../../../contracts/pipeline-file';
import { scheduledRunInputFor, termsOf, tidy, type ScheduleOrder } from '../../../contracts/schedule-terms';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../../contracts/workflow-types';
import type { ScheduleInForce, ScheduleRegistry } from '../../../ports/schedule-registry';
import { dateOf, readTerms } from './read-schedule';

const START = { type: WORKFLOW_TYPES.scheduledRun, queue: TASK_QUEUES.pipelines } as const;
/** Of gRPC. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

const OVERLAPS: Readonly<Record<Schedule['overlap'], ScheduleOverlapPolicy>> = {
  skip: ScheduleOverlapPolicy.SKIP,
  bufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  bufferAll: ScheduleOverlapPolicy.BUFFER_ALL,
  cancelOther: ScheduleOverlapPolicy.CANCEL_OTHER,
  terminateOther: ScheduleOverlapPolicy.TERMINATE_OTHER,
  allowAll: ScheduleOverlapPolicy.ALLOW_ALL,
};

/** Speaks to the server of `client`. `searchAttributes`: whether the namespace has Millrace's. */
export function createScheduleRegistry(
  client: Client,
  { searchAttributes }: { readonly searchAttributes: boolean },
): ScheduleRegistry {
  const namespace = client.options.namespace;

  async function find(pipeline: string): Promise<ScheduleInForce | undefined> {
    const scheduleId = scheduleIdFor(pipeline);
    const answer = await about(pipeline, () =>
      client.workflowService.describeSchedule({ namespace, scheduleId }),
    );
    if (!answer?.schedule) return undefined;
    const { schedule, info } = answer;
    return {
      pipeline,
      terms: readTerms(schedule),
      ...(schedule.state?.paused === true && { paused: { note: schedule.state.notes ?? '' } }),
      next: (info?.futureActionTimes ?? []).map(dateOf),
    };
  }

  return {
    termsOf: (order) => termsOf(order, START),
    find,
    async listPipelines() {
      const found: { pipeline: string; file?: string }[] = [];
      await about('schedule', async () => {
        for await (const { scheduleId, memo } of client.schedule.list()) {
          const pipeline = /^schedule\/(.+)$/.exec(scheduleId)?.[1];
          const file = memo?.[MEMO_FILE];
          if (pipeline !== undefined && memo && MEMO_FILE in memo)
            found.push({ pipeline, ...(typeof file === 'string' && { file }) });
        }
      });
      return found;
    },
    async put(order) {
      const { pipeline, paused, file } = order;
      const content = contentOf(order);
      const handle = client.schedule.getHandle(scheduleIdFor(pipeline));
      const create = (): Promise<unknown> =>
        client.schedule.create({
          ...content,
          scheduleId: handle.scheduleId,
          state: stateOf(file, paused),
          memo: { [MEMO_FILE]: file },
          ...(searchAttributes && {
            typedSearchAttributes: [
              {
                key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.pipeline, SearchAttributeType.KEYWORD),
                value: pipeline,
              },
            ],
          }),
        });
      const update = (): Promise<void> =>
        handle.update(({ state }) => ({
          ...content,
          state: state.paused && !paused ? { paused: true, note: state.note ?? '' } : stateOf(file, paused),
        }));
      await about(pipeline, async () => {
        try {
          await create();
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
          await update();
        }
      });
    },
    async remove(pipeline) {
      await about(pipeline, () => client.schedule.getHandle(scheduleIdFor(pipeline)).delete());
    },
    async setPaused(pipeline, paused, note) {
      const handle = client.schedule.getHandle(scheduleIdFor(pipeline));
      const done = await about(pipeline, async () => {
        await (paused ? handle.pause(note) : handle.unpause(note));
        return true;
      });
      return done ?? false;
    },
  };
}

/** By it a Schedule is told to be Millrace's. */
const MEMO_FILE = 'millraceFile';

function contentOf(order: ScheduleOrder): Pick<ScheduleOptions, 'spec' | 'action' | 'policies'> {
  const { cron, timezone, jitter = 0, overlap, catchUp } = order.schedule;
  return {
    spec: {
      // The server keeps what stands behind # as the calendar's comment, and forgets the expression.
      cronExpressions: [cron].flat().map((one) => `${tidy(one)} # ${tidy(one)}`),
      timezone,
      jitter: jitter * 1000,
    },
    action: {
      type: 'startWorkflow',
      workflowType: START.type,
      taskQueue: START.queue,
      // The server puts the time of the start behind it.
      workflowId: `${order.pipeline}/scheduled`,
      args: [scheduledRunInputFor(order)],
      staticSummary: `${order.pipeline}, by its schedule`,
    },
    policies: { overlap: OVERLAPS[overlap], catchupWindow: catchUp * 1000, pauseOnFailure: false },
  };
}

function stateOf(
  file: string,
  paused: { readonly note: string } | undefined,
): { paused: boolean; note: string } {
  return paused ? { paused: true, note: paused.note } : { paused: false, note: `applied from ${file}` };
}

/** Undefined where there is no such Schedule. */
async function about<Result>(pipeline: string, call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    const grpc = error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : error;
    if (!isGrpcServiceError(grpc)) throw error;
    const code = grpc.code as number;
    if (code === NOT_FOUND) return undefined;
    if (code === INVALID_ARGUMENT)
      throw new MillraceError(
        'PIPELINE_FILE_INVALID',
        `Temporal does not take the schedule: ${grpc.details}.`,
        {
          where: `${pipeline}: schedule`,
          mend: 'mend the section schedule of the pipeline file',
          cause: error,
        },
      );
    throw new MillraceError(
      'TEMPORAL_UNAVAILABLE',
      `Temporal did not answer about a schedule: ${grpc.details}`,
      {
        where: scheduleIdFor(pipeline),
        mend: 'see `millrace status`, then say it again',
        cause: error,
      },
    );
  }
}
