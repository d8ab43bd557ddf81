import type { PathStep, Problem } from '../../file-problems';

/** Takes down a problem of the pipeline file. `at` is the value unless said otherwise. */
export type Refuse = (path: readonly PathStep[], message: string, at?: Problem['at']) => void;

/** What a check must know beside the file. */
export interface CheckContext {
  /** Whether the person wrote something at this path; a default is not written. */
  readonly isWritten: (path: readonly PathStep[]) => boolean;
  /** Channels that may be notified. */
  readonly channels: readonly string[];
  /** Put before the names of registered models. */
  readonly modelPrefix: string;
  /** Pool → units; absent where they are not looked at. */
  readonly pools?: Readonly<Record<string, number>> | undefined;
  /** Whether there is a cluster to train on; absent where that is not looked at. */
  readonly hasCluster?: boolean | undefined;
}
