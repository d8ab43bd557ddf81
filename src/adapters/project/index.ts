/** The project and its pipeline files, read from disk. */
export { createPipelineCatalog } from './catalog';
export { listPipelineFiles } from './pipeline-files';
export { findProjectRoot, PROJECT_FILE, readProject, type Project } from './project';
export { isInside, plainPath, realPathOf, standingOf } from './paths';
