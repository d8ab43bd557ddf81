/** The report for people: queue `millrace-data`, since it reads the artifacts. */
import type { ReportActivities } from '../../contracts/activity-interfaces';
import type { ReportActivityDependencies } from './dependencies';
import { writeReport } from './write-report';

export type { ReportActivityDependencies } from './dependencies';

/** One self-contained page for each run, with its figures beside it for programs. */
export function createReportActivities(dependencies: ReportActivityDependencies): ReportActivities {
  return { writeReport: (input) => writeReport(dependencies, input) };
}
