// Catches a service that holds the clients of Kafka and S3 in its memory though no trigger and no store needs them.
import { openS3 } from '../../../src/adapters/object-storage/s3';
import { serviceParts } from '../../../src/client/serve/parts';
import { serve } from '../../../src/client/serve/service';
import { s3ConnectionSchema } from '../../../src/contracts/project-file';

jest.mock('@platformatic/kafka', () => tripwire('the client of Kafka'));
jest.mock('@aws-sdk/client-s3', () => tripwire('the client of S3'));

function tripwire(what: string): never {
  throw new Error(`${what} was loaded`);
}

test('the code of the service, with all its parts, comes without the clients of Kafka and S3', async () => {
  for (const loaded of [serve, serviceParts]) expect(loaded).toBeInstanceOf(Function);
  // The wire is there.
  await expect(openS3(s3ConnectionSchema.parse({}), { projectRoot: '/' })).rejects.toThrow(
    'the client of S3 was loaded',
  );
});
