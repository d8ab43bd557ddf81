/** A Python environment to run jobs in. */
export interface TrainerEnvironment {
  /** Absolute path of the interpreter. */
  readonly python: string;
  /** Digest of the lock (all packages with versions and hashes) and of the Python version: part of a training step's key. */
  readonly digest: string;
}

/** Provides Python environments, cached by the hash of their lock. */
export interface TrainerEnvironments {
  /** The project's own environment with the reference trainers. */
  base(): Promise<TrainerEnvironment>;
  /** Base environment plus the user's requirements file (built once per lock; concurrent callers share one build). @throws TRAINER_ENVIRONMENT_FAILED with the resolver's words. */
  withRequirements(requirementsFile: string): Promise<TrainerEnvironment>;
  /** Digest of the code of the reference trainers (`trainers/millrace_trainer`). */
  trainerCodeDigest(trainer?: string): Promise<string>;
}
