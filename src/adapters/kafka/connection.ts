/** How the brokers are reached: the settings, with their secrets read. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BaseOptions } from '@platformatic/kafka';
import { readSecret } from '../project/secrets';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { KafkaSettings } from '../../contracts/project-file';

/** Options of every Kafka client here, without what each decides for itself. */
export type KafkaConnection = Pick<
  BaseOptions,
  'clientId' | 'bootstrapBrokers' | 'tls' | 'sasl' | 'connectTimeout'
>;

/** Reads files and secrets anew: what was exchanged counts with the next connection. @throws PROJECT_FILE_INVALID naming what is not there. */
export async function kafkaConnection(
  { brokers, tls, sasl }: Pick<KafkaSettings, 'brokers' | 'tls' | 'sasl'>,
  projectRoot: string,
): Promise<KafkaConnection> {
  return {
    clientId: 'millrace',
    bootstrapBrokers: brokers,
    connectTimeout: 5000,
    ...(tls !== false && { tls: tls === true ? {} : await tlsOptions(tls, projectRoot) }),
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism,
        username: await readSecret(sasl.username, projectRoot),
        password: await readSecret(sasl.password, projectRoot),
      },
    }),
  };
}

async function tlsOptions(
  { ca, certificate, key }: Exclude<KafkaSettings['tls'], boolean>,
  projectRoot: string,
): Promise<NonNullable<KafkaConnection['tls']>> {
  return {
    ...(ca !== undefined && { ca: await certificateFile(ca, projectRoot) }),
    ...(certificate !== undefined && { cert: await certificateFile(certificate, projectRoot) }),
    ...(key !== undefined && { key: await readSecret(key, projectRoot) }),
  };
}

async function certificateFile(file: string, projectRoot: string): Promise<string> {
  try {
    return await readFile(path.resolve(projectRoot, file), 'utf8');
  } catch (cause) {
    throw new MillraceError('PROJECT_FILE_INVALID', `the certificate file ${file} cannot be read`, {
      where: 'millrace.yaml',
      mend: 'name a PEM file, relative to the project',
      cause,
    });
  }
}

/** What Kafka answered, as an error of ours that names the innermost reasons. */
export function kafkaUnavailable(error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  const reasons = [...new Set(reasonsOf(error))].slice(0, 3).join('; ');
  return new MillraceError('KAFKA_UNAVAILABLE', reasons, {
    mend: 'see the section kafka of millrace.yaml',
    cause: error,
  });
}

/** The client wraps each failed try in another error. */
function reasonsOf(error: unknown): string[] {
  if (
    error instanceof AggregateError ||
    (error instanceof Error && 'errors' in error && Array.isArray(error.errors))
  )
    return (error.errors as unknown[]).flatMap(reasonsOf);
  if (error instanceof Error && error.cause instanceof Error)
    return [error.message, ...reasonsOf(error.cause)];
  return [error instanceof Error ? error.message : String(error)];
}
