/**
 * What the package exports as `millrace/client`: starting, following and reading runs from a program, as the CLI does it. Each function takes
 * a connected client of `@temporalio/client`, so that whose connection it is stays the caller's business.
 */
export { awaitRun } from './runs/await-run';
export { listRuns, type RunEntry, type RunFilter } from './runs/list-runs';
export { readRun, type RunView } from './runs/read-run';
export { retryRun, startRun, type StartedRun } from './runs/start-run';
