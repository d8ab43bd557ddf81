import type { Schedule, Trigger } from '../contracts/pipeline-file';

/** What `millrace apply` has put in force of one pipeline file. */
export interface Registration {
  readonly pipeline: string;
  /** Path of the file, relative to the project's root. */
  readonly file: string;
  readonly schedule?: Schedule;
  readonly triggers: readonly Trigger[];
  /** Names of the pipeline's sources, in the order of the file. */
  readonly sources: readonly string[];
  /** ISO 8601. */
  readonly appliedAt: string;
  /** Set while the triggers are paused. */
  readonly paused?: { readonly by: string; readonly note: string; readonly at: string };
}

/** The registrations in force. The trigger service looks here, so a change needs no restart. */
export interface RegistrationLedger {
  /** Puts it in force; a pause that stands is kept. */
  putRegistration(registration: Omit<Registration, 'paused'>): Promise<void>;
  removeRegistration(pipeline: string): Promise<void>;
  /** By name of the pipeline. */
  listRegistrations(): Promise<Registration[]>;
  /** Pauses, or ends the pause where `pause` is undefined. @returns whether there is such a registration. */
  pauseRegistration(
    pipeline: string,
    pause: { readonly by: string; readonly note: string } | undefined,
  ): Promise<boolean>;
}
