import { MlflowError } from '../errors';

/** What MLflow refuses in a path, what its Python client cannot read back (`?`), and what no file name should carry. */
const refusedCharacters = /[\\#?\p{Cc}]/u;

/** MLflow's server decodes percent signs a second time and would store `a%41` as `aA`. */
const percentEncoded = /%[0-9a-fA-F]{2}/;

const absolute = /^([a-zA-Z]:|file:)/;

/**
 * Checks a path of an artifact below its run, model or version: parts separated by `/`, none of them empty, `.` or `..`,
 * nothing that MLflow would refuse or store under another name.
 *
 * @throws MlflowError `UNSAFE_ARTIFACT_PATH`, final.
 */
export function checkArtifactPath(path: string): string {
  const parts = path.split('/');
  const safe =
    parts.every((part) => part !== '' && part !== '.' && part !== '..') &&
    !refusedCharacters.test(path) &&
    !percentEncoded.test(path) &&
    !absolute.test(path);
  if (!safe)
    throw unsafePath(
      `the artifact path ${JSON.stringify(path)} is refused: use plain names separated by "/"`,
    );
  return path;
}

/** Checks one name out of a listing, which a server could have made to lead out of the folder it is written to. */
export function checkArtifactName(name: string): string {
  if (name.includes('/'))
    throw unsafePath(`the server lists an artifact named ${JSON.stringify(name)}: refused`);
  return checkArtifactPath(name);
}

/** Joins checked parts; an empty first part is the root. */
export function joinArtifactPath(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** A checked path as it stands in an address. */
export function encodeArtifactPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function unsafePath(message: string): MlflowError {
  return new MlflowError(message, { errorCode: 'UNSAFE_ARTIFACT_PATH', retryable: false });
}
