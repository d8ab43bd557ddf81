import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The table of docs/architecture.md, checked: which folders of `src/` and which packages a folder may import. By the file that an import
 * leads to, not by how it is written. That workflows import activities as types only is a rule of its own, below.
 */
const layers = {
  contracts: { folders: [], packages: ['zod'] },
  ports: { folders: ['contracts'], packages: [] },
  evaluation: { folders: ['contracts'], packages: [] },
  workflows: {
    folders: ['contracts', 'activities'],
    packages: ['zod', '@temporalio/workflow', '@temporalio/common'],
  },
  activities: {
    folders: ['contracts', 'ports', 'evaluation'],
    packages: ['node:.+', 'zod', '@temporalio/activity'],
  },
  adapters: { folders: ['contracts', 'ports'], packages: ['.+'] },
  workers: {
    folders: ['contracts', 'ports', 'evaluation', 'workflows', 'activities', 'adapters'],
    packages: ['.+'],
  },
};
const folders = [...Object.keys(layers), 'client'];

const layerRules = Object.entries(layers).map(([folder, may]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'import-x/no-restricted-paths': [
      'error',
      {
        basePath: import.meta.dirname,
        zones: folders
          .filter((other) => other !== folder && !may.folders.includes(other))
          .map((other) => ({
            target: `./src/${folder}`,
            from: `./src/${other}`,
            message: `src/${folder} may not import src/${other}: see docs/architecture.md.`,
          })),
      },
    ],
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!\\.|(${may.packages.join('|')})$)`,
            message: `src/${folder} may not import this package: see docs/architecture.md.`,
          },
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
    files: ['src/workflows/**/*.ts'],
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
          ],
        },
      ],
    },
  },
  // The examples show what a project outside of this repository can do. They are workflows, so they reach nothing that does I/O.
  {
    files: ['pipelines/examples/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./|(zod|@temporalio/workflow|millrace/workflows|millrace/contracts)$)',
              message:
                'example workflows import what the package exports to workflows: millrace/workflows and millrace/contracts.',
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
  // The classes of @kubernetes/client-node are shapes: the client sends plain objects by its own models of them, whatever made them.
  {
    files: ['src/adapters/*/kubernetes/**/*.ts', 'test/**/kubernetes/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
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
