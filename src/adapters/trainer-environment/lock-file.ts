/** The lock that uv writes: one requirement with version and hashes each, continued over lines. */
import { normalName } from './base-python';

/** The entries of a lock that `installed` lacks in just that version, as text to install from. */
export function missingFrom(lock: string, installed: ReadonlyMap<string, string>): string {
  return entriesOf(lock)
    .filter((entry) => {
      const [, name, version] = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)/.exec(entry) ?? [];
      return name === undefined || installed.get(normalName(name)) !== version;
    })
    .join('\n');
}

function entriesOf(lock: string): string[] {
  const joined = lock.replace(/\\\r?\n\s*/g, ' ');
  return joined.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
}
