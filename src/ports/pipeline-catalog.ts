import type { ErrorCode } from '../contracts/errors';
import type { Parameter, PipelineSpec } from '../contracts/pipeline-file';

/** A pipeline file read, filled in, checked and expanded. */
export interface LoadedPipeline {
  /** Parameters filled in, defaults applied, matrix expanded. */
  readonly spec: PipelineSpec;
  /** Absolute path of the file. */
  readonly file: string;
  /** Absolute folder of the file: user code is relative to it. */
  readonly directory: string;
  /** Absolute root that user code may not leave. */
  readonly projectRoot: string;
  /** Absolute folder that data paths are relative to and may not leave. */
  readonly dataRoot: string;
  /** SHA-256 of the spec: equal for equal content and parameters, whatever the file's comments or place. */
  readonly digest: string;
  /** Commit that the project's folder stands at, with `-dirty` behind it where tracked files are changed; absent outside git. */
  readonly gitCommit?: string;
}

/** One pipeline file as a list shows it. */
export interface PipelineListing {
  /** Path relative to the project's root. */
  readonly file: string;
  /** Absent when the file cannot be read so far. */
  readonly name?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, Parameter>>;
  /** Why it cannot be run, whatever its parameters. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string };
}

/** The pipeline files of one project. */
export interface PipelineCatalog {
  /**
   * Finds a pipeline by its name, or by the path of its file (relative to the project's root), and reads it with the run's parameters.
   * @throws PIPELINE_NOT_FOUND, PIPELINE_FILE_INVALID, PIPELINE_PARAMETER_INVALID, NOT_SUPPORTED_YET, POOL_UNKNOWN, PATH_OUTSIDE_ROOT: all problems of the
   * file at once, each with line and column.
   */
  load(
    nameOrPath: string,
    params?: Readonly<Record<string, unknown>>,
    /** The run's; its day fills a parameter `date` that is a date and not among `params`. */
    nominalDate?: string,
  ): Promise<LoadedPipeline>;
  /** Every pipeline file under the project's folder for them, broken ones included, ordered by path. */
  list(): Promise<PipelineListing[]>;
}
