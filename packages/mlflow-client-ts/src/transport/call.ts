import { z } from 'zod';
import { MlflowError } from '../errors';
import { unexpectedResponse } from './failure';
import type { CallOptions } from './options';
import type { Transport } from './transport';

/** A row of the generated table of endpoints. */
export interface Endpoint {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly request: z.ZodType;
  readonly response: z.ZodType;
}

/** Calls any endpoint of MLflow's protocol by its generated description, with its fields as MLflow spells them. */
export type Call = <Row extends Endpoint>(
  endpoint: Row,
  request: z.output<Row['request']>,
  options?: CallOptions,
) => Promise<z.output<Row['response']>>;

/** Makes the function through which every JSON call of the client goes. */
export function createCall(transport: Transport): Call {
  return async <Row extends Endpoint>(
    endpoint: Row,
    request: z.output<Row['request']>,
    options?: CallOptions,
  ): Promise<z.output<Row['response']>> => {
    const encoded = z.safeEncode(endpoint.request, request);
    if (!encoded.success) {
      throw invalidRequest(`${endpoint.name} cannot be sent: ${z.prettifyError(encoded.error)}`);
    }
    const fields = encoded.data as Record<string, unknown>;
    const path = fillPath(endpoint, fields);
    const inQuery = endpoint.method === 'GET';
    return transport.send(
      {
        method: endpoint.method,
        path,
        ...(inQuery
          ? { query: queryOf(fields) }
          : { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
      },
      (response) => readResponse(endpoint, response),
      options,
    );
  };
}

/** Puts fields into the `{field}` places of a path. They stay in the body too, where MLflow's validation looks for them. */
function fillPath(endpoint: Endpoint, fields: Readonly<Record<string, unknown>>): string {
  return endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fields[name];
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw invalidRequest(
        `${endpoint.name} cannot be sent: ${name} stands in its path and must not be empty`,
      );
    }
    return encodeURIComponent(value);
  });
}

/** Lists become repeated keys, which is how MLflow reads them. */
function queryOf(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      query.append(name, String(item));
  }
  return query;
}

async function readResponse<Row extends Endpoint>(
  endpoint: Row,
  response: Response,
): Promise<z.output<Row['response']>> {
  const described = `${endpoint.method} ${endpoint.path}`;
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw unexpectedResponse(described, 'it is not JSON', error);
  }
  const decoded = z.safeDecode(endpoint.response, body);
  if (!decoded.success) throw unexpectedResponse(described, z.prettifyError(decoded.error), decoded.error);
  return decoded.data as z.output<Row['response']>;
}

function invalidRequest(message: string): MlflowError {
  return new MlflowError(message, { errorCode: 'INVALID_REQUEST', retryable: false });
}
