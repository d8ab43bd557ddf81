import { isMlflowError } from 'mlflow-client-ts';
import { MillraceError } from '../../contracts/errors';

/** Runs calls of the MLflow client and gives their errors a code: MLFLOW_UNAVAILABLE (retryable) or MLFLOW_REFUSED (final). */
export async function withMlflowErrors<T>(what: string, calls: () => Promise<T>): Promise<T> {
  try {
    return await calls();
  } catch (error) {
    if (!isMlflowError(error)) throw error;
    throw error.retryable
      ? new MillraceError(
          'MLFLOW_UNAVAILABLE',
          `MLflow did not answer while Millrace wanted to ${what}: ${error.message}`,
          {
            mend: 'nothing is lost; the run waits and goes on when MLflow is back (see `millrace status`)',
            cause: error,
          },
        )
      : new MillraceError('MLFLOW_REFUSED', `MLflow refused to ${what}: ${error.message}`, {
          mend: 'see the log of the MLflow server; after the mend, `millrace retry RUN`',
          cause: error,
        });
  }
}
