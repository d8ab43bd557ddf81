// Catches a pipeline that trains on what a function made per customer, and gets each row once for every row that the customer has where the label comes
// from, or gets one of several labels without a word.
import { FeatureCodeProject } from '../../support/feature-code';
import { quietTemporal } from '../../support/temporal';

jest.setTimeout(60_000);
quietTemporal();

const CUSTOMERS = 60;
const isGone = (id: number): boolean => id % 4 === 1;
/** Four orders a customer, each with the customer's label; the last one of some customers has a gap there. */
function orders(gaps: readonly number[] = []): string {
  const lines = Array.from({ length: 4 * CUSTOMERS }, (_, row) => {
    const id = row % CUSTOMERS;
    return `${id},${row},${row >= 3 * CUSTOMERS && gaps.includes(id) ? '' : isGone(id)}`;
  });
  return ['id,amount,left', ...lines, ''].join('\n');
}

let world: FeatureCodeProject;
beforeAll(async () => {
  world = await FeatureCodeProject.create();
  await world.code(`
def build(tables, params):
    orders = tables["orders"].to_pandas()
    return orders[orders["id"] < params["below"]].groupby("id")[["amount"]].sum()
`);
});
afterAll(() => world.remove());

const perCustomer = (uri: string, below: number): Parameters<FeatureCodeProject['make']>[0] => ({
  sources: { orders: { uri } },
  dataset: { key: 'id', label: 'left', positive: true },
  features: { python: { function: 'features.py:build', params: { below } } },
  candidates: [{ name: 'one', trainer: 'sklearn/logistic-regression' }],
});

test('a row has its label once, however many rows of the source say it', async () => {
  await world.project.file('orders.csv', orders());
  const made = await world.make(perCustomer('orders.csv', CUSTOMERS));
  expect(made.rows).toBe(CUSTOMERS);
  const rows = await world.project.query(made.artifact, 'SELECT id, "left" FROM data ORDER BY id');
  expect(rows).toEqual(Array.from({ length: CUSTOMERS }, (_, id) => ({ id, left: isGone(id) })));
});

test('a source with several labels for a key is refused, and it is that which is blamed', async () => {
  await world.project.file('orders-differ.csv', orders([11, 50]));
  await expect(world.make(perCustomer('orders-differ.csv', CUSTOMERS))).rejects.toMatchObject({
    code: 'DATASET_INVALID',
    where: 'sources.orders',
    message:
      'The source orders has rows with different labels left for 2 of its keys id, for example for 11 (false, a gap), 50 (false, a gap).',
    retryable: false,
  });
  // Keys that the function leaves out need no label.
  expect(await world.make(perCustomer('orders-differ.csv', 11))).toMatchObject({ rows: 11 });
});
