import { unexpectedResponse } from '../transport/failure';

/**
 * A field that protobuf calls optional and MLflow always fills.
 *
 * @throws MlflowError `UNEXPECTED_RESPONSE` naming the field when it is missing.
 */
export function required<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw unexpectedResponse('a call', `${field} is missing`);
  return value;
}

/** An optional text that MLflow writes as an empty string where there is none. */
export function textOrUndefined(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
