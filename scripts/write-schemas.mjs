// Writes schemas/*.schema.json from the contracts. Needs a build: `npm run schemas` does both.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { editorSchemas, schemaText } from '../dist/client/editor-schemas.js';

const folder = new URL('../schemas/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, schema] of Object.entries(editorSchemas())) {
  const file = new URL(name, folder);
  await writeFile(file, schemaText(schema));
  console.log(`wrote ${fileURLToPath(file)}`);
}
