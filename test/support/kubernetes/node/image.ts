/** Images without a container engine: files that containerd imports. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonFolder } from '../../python';

const run = promisify(execFile);

/** What an image is made of: a folder that is its root, or parts of this machine at the paths that they have here. */
export type ImageContent =
  | { readonly root: string; readonly entrypoint?: readonly string[] }
  | {
      /** Virtual environments; the first one's programs come first on the PATH. Their interpreters and libraries come with them. */
      readonly environments: readonly string[];
      /** Files and folders beside them. */
      readonly add?: readonly string[];
      /** Names below an environment that stay out: large ones that the image has no use for. */
      readonly without?: readonly string[];
    };

/** Writes the image's file. @param tag with a host and a version: `localhost/trainer:1` */
export async function makeImage(file: string, tag: string, content: ImageContent): Promise<void> {
  const options =
    'root' in content
      ? ['--root', content.root, '--entrypoint', JSON.stringify(content.entrypoint ?? [])]
      : [
          ...content.environments.flatMap((folder) => ['--environment', folder]),
          ...(content.add ?? []).flatMap((path) => ['--add', path]),
          ...(content.without ?? []).flatMap((name) => ['--without', name]),
        ];
  await run(join(pythonFolder(), 'python'), [join(__dirname, 'make_image.py'), file, tag, ...options]);
}

/**
 * The image of the reference trainers: this project's Python environment and `trainers/`, both where they are on this machine. Servers that only tests use
 * stay out.
 */
export async function makeTrainerImage(file: string, tag: string): Promise<void> {
  const project = join(__dirname, '..', '..', '..', '..');
  await makeImage(file, tag, {
    environments: [join(pythonFolder(), '..')],
    add: [join(project, 'trainers')],
    without: ['weed', 'temporal', 'temporal-test-server'],
  });
}
