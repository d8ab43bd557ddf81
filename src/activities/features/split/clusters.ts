/** Which rows depend on each other, for a bootstrap that draws them together: `__cluster`. */

/** SQL for the cluster of each row of a split by group: one a group, numbered in the order of the groups' texts. */
export function groupCluster(): string {
  return 'CAST(dense_rank() OVER (ORDER BY group_text) - 1 AS INTEGER)';
}

/**
 * SQL for the cluster of each row of a split by time: blocks of rows that follow each other on one side, numbered from 0 on each side. A side of n
 * rows has about n^(2/3) blocks of n^(1/3) rows, the order that is best for the variance of a block bootstrap (Hall, Horowitz and Jing
 * 1995); rows of one instant stay together, so there may be fewer. Reads the columns `__side`, `moment` and `place` (from 0, by moment
 * within the side) and `side_rows`.
 */
export function timeCluster(): string {
  return 'CAST(min(floor(place * ceil(power(side_rows, 2.0 / 3)) / side_rows)) OVER (PARTITION BY __side, moment) AS INTEGER)';
}
