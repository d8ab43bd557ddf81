/** kubectl of the cluster's own version, which reads and leaves nothing of the user's own configuration. */
import { execFile } from 'node:child_process';

/** Runs `kubectl ARGS...` with `input` on standard input. @returns its output. @throws Error with what it said when it fails */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** A kubectl that speaks to the cluster of `kubeconfig`, with its caches in `home`. */
export function kubectlFor(program: string, kubeconfig: string, home: string): Kubectl {
  return (args, input) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        [...args],
        { env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`));
        },
      );
      child.stdin?.on('error', () => {
        // It ended before it read everything: its exit code says why.
      });
      child.stdin?.end(input ?? '');
    });
}

/** Text of a kubeconfig file for one server and one token. */
export function kubeconfigText(server: string, authority: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'tests',
    clusters: [
      {
        name: 'tests',
        cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: [{ name: 'tests', user: { token } }],
    contexts: [{ name: 'tests', context: { cluster: 'tests', user: 'tests' } }],
  });
}
