/** `training.kubernetes` and `candidates[].kubernetes`: the template of the Jobs that train on a cluster. */
export { holdsPassword, isSecretVariable, type JobVariable, type KeyReference } from './environment';
export { mergeJobTemplates, type MergedJobTemplate } from './merge';
export { TRAINER_CONTAINER, guardedPathsOf, type JobPatch } from './patch';
export { GPU_RESOURCE, jobTemplateSchema, type JobTemplate } from './template';
export { OWN_VOLUMES, SHARED_MEMORY_PATH, type JobVolume } from './volumes';
