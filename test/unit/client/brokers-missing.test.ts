/** Catches an `apply` that is silent about a Kafka trigger for which the environment names no brokers, and one that warns where nothing is missing. */
import { brokersMissing } from '../../../src/client/apply/brokers-missing';
import { kafkaSchema } from '../../../src/contracts/project-file';

const heard = { name: 'churn', triggers: [{ kafka: { topic: 'requests', where: {} } }] };
const still = { name: 'tweets', triggers: [] };

test('each pipeline with a Kafka trigger is named with the section that is missing; none where the section is there', () => {
  expect(brokersMissing([heard, still], { name: 'local' })).toEqual([
    expect.stringMatching(/^churn .*environment local .*section kafka of millrace.yaml/),
  ]);
  const kafka = kafkaSchema.parse({ brokers: ['127.0.0.1:9092'] });
  expect(brokersMissing([heard, still], { name: 'local', kafka })).toEqual([]);
});
