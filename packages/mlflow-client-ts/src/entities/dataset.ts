import type * as wire from '../generated/schemas';
import { pairsOf, recordOf } from '../wire/pairs';

/** A data set that a run read. */
export interface DatasetInput {
  /** At most 500 characters. */
  readonly name: string;
  /** Identifies the content; at most 36 characters, so a sha256 must be cut. */
  readonly digest: string;
  /** What kind of place `source` is: `local`, `s3`, `code`, … */
  readonly sourceType: string;
  /** Where the data came from; MLflow's page expects JSON such as `{"uri": "…"}`. At most 65,535 characters. */
  readonly source: string;
  /** JSON, in MLflow's form `{"mlflow_colspec": […]}`. */
  readonly schema?: string | undefined;
  /** JSON, such as `{"num_rows": 7043}`. */
  readonly profile?: string | undefined;
  /** What it was read for, shown beside it: `training`, `validation`, `hold-out`. The tag `mlflow.data.context`. */
  readonly context?: string | undefined;
  /** Further tags of the input. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const contextTag = 'mlflow.data.context';

/** Reads MLflow's spelling. */
export function datasetInputOf(message: wire.DatasetInput): DatasetInput {
  const { [contextTag]: context, ...tags } = recordOf(message.tags);
  const { dataset } = message;
  return {
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type,
    source: dataset.source,
    schema: dataset.schema,
    profile: dataset.profile,
    context,
    tags,
  };
}

/** Writes MLflow's spelling. */
export function datasetInputMessage(input: DatasetInput): wire.DatasetInput {
  const tags = pairsOf(input.tags);
  if (input.context !== undefined) tags.push({ key: contextTag, value: input.context });
  return {
    tags,
    dataset: {
      name: input.name,
      digest: input.digest,
      source_type: input.sourceType,
      source: input.source,
      schema: input.schema,
      profile: input.profile,
    },
  };
}
