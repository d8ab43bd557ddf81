/** Cron expressions and their times, as Temporal's schedules understand them. Pure. */
export { parseCron, type CronFields } from './expression';
export { intervalBefore, startsAfter, type ScheduleTimes } from './schedule-times';
export { isoInZone, timeZoneProblem } from './zone-clock';
