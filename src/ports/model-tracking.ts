/** One value of a metric in a run. */
export interface TrackedMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since the epoch; from what is recorded, never from the clock, so that a repeat changes nothing. */
  readonly timestamp: number;
  readonly step?: number;
  /** Logged model that was measured. */
  readonly modelId?: string;
  /** Data set it was measured on; must be among the run's inputs. */
  readonly dataset?: { readonly name: string; readonly digest: string };
}

/** A data set that a run read. */
export interface TrackedDataset {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  readonly source: string;
  readonly rows: number;
  readonly context: 'training' | 'validation' | 'hold-out';
}

/** Where runs and models are recorded for people. Everything here may be repeated: it finds what it made before. */
export interface ModelTracking {
  /** Finds or creates the run that `key` names, and its experiment; a nested run is in that of its parent. */
  openRun(run: {
    readonly experiment: string;
    readonly key: string;
    readonly name: string;
    readonly parent?: { readonly experimentId: string; readonly runId: string };
    readonly startTime: number;
    readonly tags: Readonly<Record<string, string>>;
    readonly user?: string;
  }): Promise<{ experimentId: string; runId: string }>;
  /** Finds or creates the logged model that `key` names, with the files of `directory`. */
  openModel(model: {
    readonly experimentId: string;
    readonly key: string;
    readonly name: string;
    readonly sourceRunId: string;
    readonly params: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
    readonly directory: string;
  }): Promise<{ modelId: string }>;
  /** Adds inputs, outputs, metrics, parameters and tags to a run. */
  log(entry: {
    readonly runId: string;
    readonly datasets?: readonly TrackedDataset[];
    readonly producedModelId?: string;
    readonly metrics?: readonly TrackedMetric[];
    readonly params?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Uploads files into the run's artifacts: path there → absolute path here. */
  upload(runId: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs of Millrace that seem to go on, nested ones too, with the workflow that they record. */
  openRuns(): Promise<{ runId: string; workflowId: string }[]>;
  /** Ends a run. */
  close(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', endTime: number): Promise<void>;
  /** Address of a run's page for people. */
  runUrl(experimentId: string, runId: string): string;
}
