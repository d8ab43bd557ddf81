/** SQL for the strength of one feature over the session's table `sample` (`y`, `fold`, features): a single value `strength`. */
import type { Task } from '../../../contracts/trainer';

/** By the order of a number. `missing` is the double that stands for a missing value. */
export function byOrder(number: string, missing: string, task: Task): string {
  const value = `coalesce(nullif(${number}, CAST('NaN' AS DOUBLE)), CAST('${missing}' AS DOUBLE))`;
  if (task === 'regression') return rankCorrelation(`SELECT ${value} AS x, y FROM sample`);
  return `WITH cells AS (SELECT ${value} AS x, y, count(*) AS n FROM sample GROUP BY ALL),
    totals AS (SELECT x, sum(n) AS n FROM cells GROUP BY x),
    ranks AS (SELECT x, sum(n) OVER (ORDER BY x) - (n - 1) / 2.0 AS rank FROM totals),
    classes AS (SELECT y, sum(n) AS own, sum(n * rank) AS rank_sum, (SELECT sum(n) FROM totals) - sum(n) AS others FROM cells JOIN ranks USING (x) GROUP BY y),
    curves AS (SELECT (rank_sum - own * (own + 1) / 2.0) / (own * others) AS auc FROM classes WHERE others > 0)
    SELECT max(greatest(auc, 1 - auc)) AS strength FROM curves`;
}

/**
 * By the mean label of the other folds' rows with the same value, drawn towards the mean of all by one row's weight. A value that the other
 * folds lack has the mean of all. In the direction of that mean only: a feature that tells nothing must not score for being below it.
 */
export function byValue(column: string, task: Task): string {
  const value = `coalesce(CAST(${column} AS VARCHAR), chr(1))`;
  if (task === 'regression')
    return rankCorrelation(
      `SELECT y, (sum(y) OVER (PARTITION BY value) - sum(y) OVER (PARTITION BY value, fold) + mean)
              / (count(*) OVER (PARTITION BY value) - count(*) OVER (PARTITION BY value, fold) + 1) AS x
       FROM (SELECT ${value} AS value, fold, y, avg(y) OVER () AS mean FROM sample)`,
    );
  // Binary: the positive class alone; its complement has the same AUC.
  const classes = task === 'binary' ? 'WHERE y = 1' : '';
  return `WITH cells AS (SELECT ${value} AS value, fold, y, count(*) AS n FROM sample GROUP BY ALL),
    folds AS (SELECT value, fold, sum(n) AS n FROM cells GROUP BY ALL),
    whole AS (SELECT value, sum(n) AS n FROM cells GROUP BY ALL),
    whole_of AS (SELECT value, y, sum(n) AS n FROM cells GROUP BY ALL),
    classes AS (SELECT y, sum(n) AS own, (SELECT sum(n) FROM cells) AS total FROM cells ${classes} GROUP BY y),
    scored AS (
      SELECT classes.y, classes.own, classes.total - classes.own AS others, folds.n, coalesce(cells.n, 0) AS positive,
             (coalesce(whole_of.n, 0) - coalesce(cells.n, 0) + classes.own / classes.total) / (whole.n - folds.n + 1) AS score
      FROM folds JOIN whole USING (value) CROSS JOIN classes
      LEFT JOIN cells ON cells.value = folds.value AND cells.fold = folds.fold AND cells.y = classes.y
      LEFT JOIN whole_of ON whole_of.value = folds.value AND whole_of.y = classes.y),
    steps AS (SELECT y, own, others, score, sum(n) AS n, sum(positive) AS positive FROM scored GROUP BY ALL),
    ranks AS (SELECT *, sum(n) OVER (PARTITION BY y ORDER BY score) - (n - 1) / 2.0 AS rank FROM steps),
    curves AS (SELECT (sum(positive * rank) - any_value(own) * (any_value(own) + 1) / 2.0) / (any_value(own) * any_value(others)) AS auc
               FROM ranks WHERE others > 0 GROUP BY y)
    SELECT max(auc) AS strength FROM curves`;
}

/** Absolute correlation of the mean ranks of `x` and `y`. */
function rankCorrelation(pairs: string): string {
  const rank = (column: string): string =>
    `rank() OVER (ORDER BY ${column}) + (count(*) OVER (PARTITION BY ${column}) - 1) / 2.0`;
  return `SELECT abs(corr(x_rank, y_rank)) AS strength FROM (SELECT ${rank('x')} AS x_rank, ${rank('y')} AS y_rank FROM (${pairs}))`;
}
