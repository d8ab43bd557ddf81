/** Whether a server answers as the model was evaluated: pure. */
import { z } from 'zod';
import { scoreColumns, type Task } from '../../contracts/trainer';

/** A held-out row with the scores that were evaluated, in the order of {@link scoreColumns}. */
export interface EvaluatedRow {
  readonly rowId: string;
  readonly scores: readonly number[];
}

/** What decides how a prediction is read. */
export interface PredictionForm {
  readonly task: Task;
  readonly classes: readonly string[];
  /** Decision threshold of the evaluation; null where none was chosen. */
  readonly threshold: number | null;
  /** Largest permitted difference of a score. */
  readonly tolerance: number;
}

const answerSchema = z.object({ predictions: z.array(z.record(z.string(), z.unknown())) });

/** Every difference between what was evaluated and what was answered, as a sentence that names the row. Empty when there is none. */
export function differencesOf(
  rows: readonly EvaluatedRow[],
  answer: unknown,
  form: PredictionForm,
): string[] {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success)
    return [`the answer is not {"predictions": [{…}, …]}: ${JSON.stringify(answer).slice(0, 200)}`];
  const { predictions } = parsed.data;
  if (predictions.length !== rows.length)
    return [`${rows.length} rows were sent, ${predictions.length} predictions came back`];
  return rows.flatMap((row, index) => rowDifferences(row, predictions[index] ?? {}, form));
}

function rowDifferences(
  { rowId, scores }: EvaluatedRow,
  prediction: Readonly<Record<string, unknown>>,
  form: PredictionForm,
): string[] {
  const differences = scoreColumns(form.task, form.classes.length).flatMap((column, index) => {
    const evaluated = scores[index];
    const served = prediction[column];
    const equal =
      typeof served === 'number' && evaluated !== undefined && Math.abs(served - evaluated) <= form.tolerance;
    return equal
      ? []
      : [`row ${rowId}: ${column} was evaluated as ${String(evaluated)} and is served as ${text(served)}`];
  });
  const decided = decisionOf(scores, form);
  if (decided !== undefined && prediction.prediction !== decided)
    differences.push(`row ${rowId}: decided as ${decided} and is served as ${text(prediction.prediction)}`);
  return differences;
}

/** The class that was decided in the evaluation: positive from the threshold upwards. */
function decisionOf(
  scores: readonly number[],
  { task, classes, threshold }: PredictionForm,
): string | undefined {
  const score = scores[0];
  if (task !== 'binary' || threshold === null || score === undefined) return undefined;
  return classes[score >= threshold ? 1 : 0];
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
