/** A small CSV file as people have them: an identifier, a category, numbers, a label in words. */
import { writeFile } from 'node:fs/promises';
import { seededRandom } from '../../support/seeded-random';

/** A row as a caller of the model sends it. */
export const CUSTOMERS = [
  { plan: 'basic', months: 2, charge: 110.5 },
  { plan: 'pro', months: 65, charge: 20 },
];

/** Writes 300 customers; who leaves hangs on months and plan, with some luck. */
export async function writeCustomers(path: string): Promise<void> {
  const random = seededRandom(11);
  const lines = Array.from({ length: 300 }, (_, index) => {
    const plan = ['basic', 'plus', 'pro'][Math.floor(random() * 3)] ?? 'basic';
    const months = 1 + Math.floor(random() * 70);
    const charge = (10 + 110 * random()).toFixed(2);
    const pull = (35 - months) / 25 + (plan === 'basic' ? 0.6 : -0.3) + 2 * (random() - 0.5);
    return [`C${String(index).padStart(4, '0')}`, plan, months, charge, pull > 0 ? 'yes' : 'no'].join(',');
  });
  await writeFile(path, ['customer,plan,months,charge,churn', ...lines, ''].join('\n'));
}

/** Asks an endpoint what it makes of `rows`, as `curl` would. @throws Error unless it answers with predictions. */
export async function ask(endpoint: string, rows: readonly object[] = CUSTOMERS): Promise<unknown[]> {
  const answer = await fetch(`${endpoint}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataframe_records: rows }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${endpoint} answered ${String(answer.status)}: ${text}`);
  return (JSON.parse(text) as { predictions: unknown[] }).predictions;
}
