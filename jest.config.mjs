/** One jest project a kind of test (see docs/testing.md); each kind knows what it needs and how long it may take. */
const MODULES_ONLY = [
  ...['@platformatic', 'kysely'],
  ...['@kubernetes', 'openid-client', 'oauth4webapi', 'jose', 'socks-proxy-agent', 'agent-base'],
].join('|');

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  // Packages that come as ES modules only are compiled like our own code; the rest of node_modules is taken as it is.
  transformIgnorePatterns: [`/node_modules/(?!(${MODULES_ONLY})/)`],
  transform: {
    [`^.+\\.ts$|/node_modules/(${MODULES_ONLY})/.+\\.js$`]: [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^mlflow-client-ts$': '<rootDir>/packages/mlflow-client-ts/src/index.ts',
    '^millrace/contracts$': '<rootDir>/src/contracts/index.ts',
  },
};

export default {
  // For tests that name no time of their own: on a busy machine a bundle, a server or a query may take longer than the 5 s that Jest gives.
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/packages/*/test/unit/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'workflows',
      testMatch: ['<rootDir>/test/workflows/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/workflows/retry-once.ts'],
    },
    { ...common, displayName: 'replay', testMatch: ['<rootDir>/test/replay/**/*.test.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/test/integration/**/*.test.ts',
        '<rootDir>/packages/*/test/integration/**/*.test.ts',
      ],
    },
    { ...common, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.test.ts'] },
  ],
};
