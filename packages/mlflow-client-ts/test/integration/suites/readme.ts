import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordAModel } from '../../example/record-a-model';
import type { SuiteContext } from './context';

const packageFolder = join(__dirname, '..', '..', '..');

/** The README's example: that it is the one that runs here, and that it works. */
export function describeReadme(context: () => SuiteContext): void {
  describe('the README’s example', () => {
    it('is the file that the next test runs', async () => {
      const example = await readFile(join(packageFolder, 'test', 'example', 'record-a-model.ts'), 'utf8');
      const readme = await readFile(join(packageFolder, 'README.md'), 'utf8');
      expect(readme).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
    });

    it('records, registers and crowns a model', async () => {
      const { client, uri } = context();
      const folder = await mkdtemp(join(tmpdir(), 'mlflow-readme-'));
      try {
        await writeFile(join(folder, 'MLmodel'), 'flavors: {}\n');
        const version = await recordAModel(uri, folder);
        expect(version.status).toBe('READY');
        const champion = await client.modelVersions.getByAlias('telco-churn', 'champion');
        expect(champion.version).toBeLessThanOrEqual(version.version);
        const owner = { modelName: version.name, version: version.version };
        await expect(client.artifacts.list(owner)).resolves.toMatchObject([{ path: 'MLmodel' }]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}
