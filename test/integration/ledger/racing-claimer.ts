/**
 * A process that opens new ledgers at the same moments as others, and claims the same events in the last one. Arguments: the settings of the ledgers as
 * JSON, its name, how many events.
 */
import { openLedger } from '../../../src/adapters/ledger/open';
import type { Environment } from '../../../src/contracts/project-file';
import type { Ledger } from '../../../src/ports/ledger';

const ROUND_MS = 50;

async function main(): Promise<void> {
  const [settings = '', name = '', count = '0'] = process.argv.slice(2);
  const places = JSON.parse(settings) as Environment['ledger'][];
  // All of them go on at the moment that the parent tells.
  console.log('ready');
  const moment = Number(await new Promise((resolve) => process.stdin.once('data', resolve)));
  let ledger: Ledger | undefined;
  for (const [round, place] of places.entries()) {
    await ledger?.close();
    while (Date.now() < moment + round * ROUND_MS);
    ledger = await openLedger({ projectRoot: '/', environment: { ledger: place } });
  }
  if (!ledger) throw new Error('no ledger was named');
  const stands: string[] = [];
  for (let number = 0; number < Number(count); number += 1) {
    const claim = await ledger.claimEvent({
      key: `event-${String(number)}`,
      kind: 'kafka',
      pipeline: 'churn',
      workflowId: `churn/kafka/${String(number)}`,
      input: { pipeline: 'churn', startedBy: name },
    });
    stands.push(claim.input.startedBy ?? '');
  }
  await ledger.close();
  console.log(JSON.stringify(stands));
  process.exit(0);
}

void main();
