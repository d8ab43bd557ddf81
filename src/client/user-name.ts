import { userInfo } from 'node:os';

/** Who is at the keyboard; shown with what they do, never trusted. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no entry.
    return process.env.USER ?? 'somebody';
  }
}
