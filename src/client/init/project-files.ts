/** The files of a new project. Pure. */

/** Path relative to the project's root → text. A file that is there already is left as it is. */
export function projectFiles(): Record<string, string> {
  return { 'millrace.yaml': PROJECT, 'README.md': README };
}

/** Lines that version control should ignore. */
export const IGNORED = ['.millrace/', '/data/', '__pycache__/'];

const PROJECT = `# yaml-language-server: $schema=.millrace/schemas/millrace.schema.json
apiVersion: millrace/v1
pipelines: pipelines
default: local
environments:
  # Everything on this machine, under .millrace/.
  local: {}
  # Another Temporal and another MLflow, with secrets by name only:
  # staging:
  #   temporal: { address: temporal.example.org:7233, namespace: ml-staging }
  #   mlflow: { trackingUri: https://mlflow.example.org, token: env:MLFLOW_TOKEN }
  #   modelPrefix: staging-
`;

const README = `# Models of this project

Each file in \`pipelines/\` is one model: where its data is, what must be true of it, which candidates compete, what the winner must reach
and where it goes.

    millrace validate            # is every pipeline file right?
    millrace run NAME            # train, compare, register, deploy
    millrace show RUN            # what happened, and why
    millrace init --from data/my.csv --label COLUMN    # a pipeline for another table

\`data/\` and \`.millrace/\` (the artifact store, logs, the local servers' data) are not under version control.
`;
