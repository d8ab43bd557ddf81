/** Where Millrace itself lies: its programs, its trainers and its Python environment. A user's project may be another folder. */
import { join, resolve } from 'node:path';

/** Absolute paths of an installation. */
export interface Installation {
  readonly root: string;
  /** Folder that holds the Python package `millrace_trainer`. */
  readonly trainers: string;
  /** Folder of the Python environment's programs: `python`, `uv`, `mlflow`, `temporal`. */
  readonly pythonPrograms: string;
  /** The worker fleet's program, built. */
  readonly workerProgram: string;
  /** The program behind the command `millrace`, built. */
  readonly commandProgram: string;
  /** What the compiler wrote last: changes with every change of the code. */
  readonly buildInfo: string;
}

/** The installation that this file is part of, built (`dist`) or not (`src`): both lie at the same depth. */
export function findInstallation(): Installation {
  const root = resolve(__dirname, '..', '..', '..');
  return {
    root,
    trainers: join(root, 'trainers'),
    pythonPrograms: join(root, '.millrace', 'python', 'bin'),
    workerProgram: join(root, 'dist', 'workers', 'main.js'),
    commandProgram: join(root, 'dist', 'client', 'cli.js'),
    buildInfo: join(root, 'dist', 'tsconfig.tsbuildinfo'),
  };
}
