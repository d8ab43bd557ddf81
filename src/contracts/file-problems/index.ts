/** Saying what is wrong with a file that a person wrote. */
export * from './from-schema';
export * from './nearest';
export * from './problem';
export { knownKeys } from './schema-tree';
