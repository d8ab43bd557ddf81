/** The workflows of the benchmark's workers: Millrace's own, and the raw ones they are measured against. */
export * from '../../src/workflows';
export * from './raw-pipeline';
