/** A small made-up table for the example of a new project. Pure: the same bytes on every machine. */

const ROWS = 2000;
const PLANS = ['basic', 'plus', 'family'] as const;

/** CSV of customers and whether they leave, with a pattern that a model can find and enough noise that none is perfect. */
export function exampleCsv(): string {
  const random = generator(20_240_601);
  const lines = ['customer_id,plan,months,monthly_fee,support_calls,autopay,left'];
  for (let row = 1; row <= ROWS; row++) {
    const plan = PLANS[Math.floor(random() * PLANS.length)] ?? 'basic';
    const months = 1 + Math.floor(random() ** 2 * 60);
    const fee = (plan === 'basic' ? 9 : plan === 'plus' ? 19 : 29) + Math.round(random() * 500) / 100;
    const calls = Math.floor(-Math.log(1 - random()) * 1.4);
    const autopay = random() < 0.6;
    const inclination =
      -0.9 + 0.55 * calls - 0.05 * months + (autopay ? -0.8 : 0) + (plan === 'basic' ? 0.5 : 0);
    const left = random() < 1 / (1 + Math.exp(-inclination));
    lines.push(
      [
        `E${String(row).padStart(4, '0')}`,
        plan,
        months,
        fee.toFixed(2),
        calls,
        autopay,
        left ? 'yes' : 'no',
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Park and Miller's minimal standard generator (1988): numbers from 0 up to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
