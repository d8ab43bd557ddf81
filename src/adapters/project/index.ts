/** The project and its pipeline files, read from disk. */
export { createPipelineCatalog } from './catalog';
export { listPipelineFiles } from './pipeline-files';
export { findProjectRoot, readProject, type Project } from './project';
export { isInside, realPathOf, standingOf } from './paths';
