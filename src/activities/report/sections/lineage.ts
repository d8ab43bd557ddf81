/** From the model back to the bytes, the code and the run that made it. */
import path from 'node:path';
import { causeInWords } from '../../../contracts/events';
import { formatTime, shorten } from '../format';
import { html, link, type Html } from '../html';
import type { LineageStep, ReportData } from '../report-data';
import { facts, section, table, warning } from './parts';

/** See the file's head. Undefined where the run did not get so far. */
export function lineageSection(data: ReportData): Html | undefined {
  const { run, origin, sources, lineage, packing, unreadable } = data;
  const { status } = run;
  const dataset = lineage.find(({ role }) => role === 'dataset');
  return section(
    'lineage',
    'Lineage',
    'What the model was made of: the same digests mean the same bytes.',
    unreadable.map((sentence) => warning(sentence)),
    facts(
      [
        ['Workflow', link(data.workflowUrl, html`<code>${status.workflowId}</code>`)],
        ['Workflow run', html`<code>${status.runId}</code>`],
        ['Started by', status.cause && causeInWords(status.cause)],
        [
          'After the runs',
          status.cause?.upstream &&
            html`${status.cause.upstream.map((id) => html`<code>${id}</code><br />`)}`,
        ],
        ['For', status.nominalDate],
        ['MLflow run', status.mlflow && link(status.mlflow.url, html`<code>${status.mlflow.runId}</code>`)],
        ['Registered model', registeredModel(data)],
        ['Git commit', origin?.gitCommit !== undefined && html`<code>${origin.gitCommit}</code>`],
        [
          'Pipeline file',
          origin &&
            html`${path.relative(origin.projectRoot, origin.file)} <br /><code
                >sha256 ${origin.pipelineDigest}</code
              >`,
        ],
        ['Data set', dataset && html`<code>sha256 ${dataset.manifest.digest}</code>`],
        ...Object.entries(sources ?? {}).map(([name, files]): [string, Html] => [
          `Source ${shorten(name, 40)}`,
          html`${files.slice(0, 20).map((file) => html`${file.path} <br /><code>sha256 ${file.sha256}</code><br />`)}${
            files.length > 20 ? `and ${files.length - 20} more` : undefined
          }`,
        ]),
        ['Features', packing && html`${[...packing.select, ...Object.keys(packing.derive)].join(', ')}`],
        ...Object.entries(packing?.derive ?? {}).map(([name, expression]): [string, Html] => [
          name,
          html`<code>${expression}</code>`,
        ]),
      ],
      'wide',
    ),
    lineage.length > 0 &&
      table<LineageStep>(
        'Artifacts in the order of the run',
        [
          { title: 'Artifact', rowHeader: true, cell: ({ role }) => role },
          { title: 'Key', cell: ({ manifest }) => html`<code>${manifest.key.slice(0, 16)}</code>` },
          { title: 'Digest', cell: ({ manifest }) => html`<code>${manifest.digest.slice(0, 16)}</code>` },
          { title: 'Made', cell: ({ manifest }) => formatTime(manifest.createdAt) },
        ],
        lineage,
      ),
  );
}

/** The version's page in MLflow, which stands beside the run's. */
function registeredModel({ run: { status } }: ReportData): Html | string | undefined {
  const { model, mlflow } = status;
  if (!model) return undefined;
  if (model.version === undefined) return model.name;
  const text = `${model.name} version ${model.version}`;
  const [pages, page] = mlflow?.url.split('#/experiments/') ?? [];
  if (pages === undefined || page === undefined) return text;
  const address = `${pages}#/models/${encodeURIComponent(model.name)}/versions/${encodeURIComponent(model.version)}`;
  return link(address, text);
}
