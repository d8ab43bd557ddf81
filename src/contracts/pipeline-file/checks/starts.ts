/** What starts a pipeline by the clock: the schedule means something, and Temporal's server will take it. */
import { parseCron, startsAfter, timeZoneProblem } from '../../cron';
import type { PipelineSpec } from '../index';
import type { Refuse } from './context';

/** Any moment does: an expression that has no start within decades of it has none. */
const SOME_MOMENT = new Date('2026-01-01T00:00:00Z');

/** Cron expressions and time zone. */
export function checkSchedule({ schedule }: PipelineSpec, refuse: Refuse): void {
  if (schedule === undefined) return;
  const zoneProblem = timeZoneProblem(schedule.timezone);
  if (zoneProblem !== undefined) refuse(['schedule', 'timezone'], zoneProblem);
  [schedule.cron].flat().forEach((cron, index) => {
    const path = ['schedule', 'cron', ...(Array.isArray(schedule.cron) ? [index] : [])];
    const parsed = parseCron(cron);
    if ('problem' in parsed) refuse(path, parsed.problem);
    else if (startsAfter({ cron, timezone: 'UTC' }, SOME_MOMENT, 1).length === 0)
      refuse(path, `${cron} matches no day of any year`);
  });
}
