import { sep } from 'node:path';

/** Whether `path` lies below `folder`, and is not the folder itself; both absolute and normalised. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
