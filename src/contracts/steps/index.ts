export * from './backfill';
export * from './data';
export * from './evaluation';
export * from './registry';
export * from './release';
export * from './report';
export * from './training';
