/** Names that come from outside (a manifest, a request) and must stay inside a folder. */
import { join, normalize } from 'node:path';
import { MillraceError } from '../../contracts/errors';

/**
 * Absolute path of `name` below `root`.
 * @throws PATH_OUTSIDE_ROOT for an absolute name, one that climbs out with `..`, the root itself, or one with a NUL.
 */
export function containedPath(root: string, name: string): string {
  const normal = normalize(name);
  const escapes =
    normal === '..' || normal.startsWith('../') || normal.startsWith('/') || name.includes('\0');
  if (escapes || normal === '.' || normal === './') {
    throw new MillraceError(
      'PATH_OUTSIDE_ROOT',
      `The name ${JSON.stringify(name)} does not stay inside its folder.`,
      {
        where: root,
        mend: 'Use a relative name without "..".',
      },
    );
  }
  return join(root, normal);
}
