import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which folders of `src/` a folder may not import from. The arrows of docs/architecture.md, checked. */
const forbidden = {
  contracts: ['ports', 'workflows', 'activities', 'adapters', 'workers', 'client'],
  ports: ['workflows', 'activities', 'adapters', 'workers', 'client'],
  evaluation: ['ports', 'workflows', 'activities', 'adapters', 'workers', 'client'],
  activities: ['workflows', 'adapters', 'workers', 'client'],
  adapters: ['workflows', 'activities', 'workers', 'client'],
  workers: ['client'],
  client: [],
};

const layerRules = Object.entries(forbidden)
  .filter(([, targets]) => targets.length > 0)
  .map(([folder, targets]) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...targets.flatMap((target) => [`**/${target}`, `**/${target}/**`]), '!@temporalio/*'],
              message: `src/${folder} may not import this folder: see docs/architecture.md.`,
            },
            ...(folder === 'contracts'
              ? [
                  {
                    group: ['node:*', '@temporalio/*'],
                    message: 'contracts are bundled into workflows: no I/O and no Node built-ins.',
                  },
                ]
              : []),
            // By what lies in it, not by its name: contracts has a file of that name.
            ...(folder === 'contracts' || folder === 'ports'
              ? [
                  {
                    group: ['**/evaluation/**'],
                    message: `src/${folder} may not import src/evaluation: see docs/architecture.md.`,
                  },
                ]
              : []),
            ...(folder === 'evaluation'
              ? [
                  {
                    group: ['node:*', '@temporalio/*', '@duckdb/*'],
                    message: 'evaluation is arithmetic on arrays: no I/O, the same result on any machine.',
                  },
                ]
              : []),
          ],
        },
      ],
    },
  }));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.millrace/**',
      '.cache/**',
      'packages/mlflow-client-ts/src/generated/**',
      'pipelines/data/**',
      '**/.venv/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-cycle': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  ...layerRules,
  {
    files: ['src/workflows/**/*.ts', 'pipelines/examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/activities', '**/activities/**'],
              allowTypeImports: true,
              message: 'workflows import activity types only.',
            },
            {
              group: [
                '**/adapters/**',
                '**/workers/**',
                '**/client/**',
                '**/ports/**',
                'node:*',
                '@temporalio/client',
                '@temporalio/worker',
                '@temporalio/activity',
              ],
              message: 'workflows import contracts, @temporalio/workflow and activity types only.',
            },
          ],
        },
      ],
    },
  },
  // The examples show what a project outside of this repository can do.
  {
    files: ['pipelines/examples/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/src/**', '**/dist/**', 'millrace/client'],
              message: 'examples use what the package exports: millrace/workflows and millrace/contracts.',
            },
          ],
        },
      ],
    },
  },
  // Loops over typed arrays with an index in range: `!` says so, and costs nothing where a check would.
  {
    files: ['src/evaluation/**/*.ts', 'src/contracts/digest.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['test/**/*.ts', 'packages/*/test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        fetch: 'readonly',
      },
    },
  },
);
