/** One request to a model server itself, past the gateway. */
import { MillraceError } from '../../../contracts/errors';
import type { DeploymentName } from '../../../ports/endpoint-host';

const ANSWER_MS = 60_000;

/** Posts to `/invocations`. @throws DEPLOYMENT_FAILED when nothing answers, SMOKE_TEST_FAILED with the server's words when it refuses. */
export async function askServer(
  port: number,
  { model, deploymentId }: DeploymentName,
  body: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`http://127.0.0.1:${port}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await answer.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw new MillraceError(
      'DEPLOYMENT_FAILED',
      `the staged server of ${model} does not answer: ${String(error)}`,
      {
        where: deploymentId,
        cause: error,
      },
    );
  }
  if (!answer.ok)
    throw new MillraceError(
      'SMOKE_TEST_FAILED',
      `the staged server of ${model} refused the rows with status ${answer.status}: ${text.slice(0, 1000)}`,
      { where: deploymentId },
    );
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new MillraceError(
      'SMOKE_TEST_FAILED',
      `the staged server of ${model} did not answer with JSON: ${text.slice(0, 200)}`,
      {
        where: deploymentId,
        cause: error,
      },
    );
  }
}
