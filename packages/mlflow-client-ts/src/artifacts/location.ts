import { MlflowError } from '../errors';
import { endpoints } from '../generated/endpoints';
import { checkArtifactPath } from './paths';

/** The part of the proxy's addresses before the path, from the generated table. */
export const proxyRoot = endpoints.proxiedListArtifacts.path;

/**
 * The path, behind the server's artifact proxy, of an artifact address that MLflow hands out: `mlflow-artifacts:/1/…`, or the
 * same spelled as an http address of this server.
 *
 * @param base scheme, host, port and prefix of the server that is talked to
 * @throws MlflowError `UNSUPPORTED_ARTIFACT_LOCATION` for any other place: credentials are sent to no other host, and what
 * lies in a bucket or on a disk is not this client's to read.
 */
export function proxiedPathOf(artifactUri: string, base: string): string {
  const path = pathBelowProxy(artifactUri, base);
  if (path === undefined) {
    throw new MlflowError(
      `the artifacts lie at ${withoutUserInfo(artifactUri)}, which this MLflow server does not serve: ` +
        'start it with --artifacts-destination (and without --no-serve-artifacts), and use a new experiment',
      { errorCode: 'UNSUPPORTED_ARTIFACT_LOCATION', retryable: false },
    );
  }
  return checkArtifactPath(path.replace(/^\/+|\/+$/g, ''));
}

function pathBelowProxy(artifactUri: string, base: string): string | undefined {
  if (artifactUri.startsWith(`${base}${proxyRoot}/`))
    return artifactUri.slice(base.length + proxyRoot.length);
  const proxied = /^mlflow-artifacts:(?:\/\/([^/]*))?(\/.*)$/.exec(artifactUri);
  if (proxied === null) return undefined;
  const [, host, path] = proxied;
  return host === undefined || host === '' || host === new URL(base).host ? path : undefined;
}

function withoutUserInfo(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/s, '');
}
