/** Which pipelines a message starts: pure. */
import type { FieldCondition, KafkaTrigger } from '../../../../contracts/pipeline-file';
import type { Registration } from '../../../../ports/registration-ledger';

/** Whether every condition holds. Values are compared with their type: `"1"` is not `1`; a field that is missing fulfils nothing. */
export function matches(where: KafkaTrigger['where'], message: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(where).every(([field, condition]) => fulfils(valueAt(message, field), condition));
}

/** Registrations with a trigger on the topic that lets the message through, in their order; only the named pipeline's when the message names one. */
export function registrationsFor(
  topic: string,
  message: Readonly<Record<string, unknown>> & { readonly pipeline?: string | undefined },
  registrations: readonly Registration[],
): Registration[] {
  return registrations.filter(
    (registration) =>
      (message.pipeline === undefined || message.pipeline === registration.pipeline) &&
      kafkaTriggersOf(registration).some(
        (trigger) => trigger.topic === topic && matches(trigger.where, message),
      ),
  );
}

/** The Kafka triggers of a registration. */
export function kafkaTriggersOf({ triggers }: Pick<Registration, 'triggers'>): KafkaTrigger[] {
  return triggers.flatMap((trigger) => ('kafka' in trigger ? [trigger.kafka] : []));
}

/** `a.b` is the field `b` of the object in the field `a`. Only what the message itself has counts. */
function valueAt(message: unknown, field: string): unknown {
  let value = message;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function fulfils(value: unknown, condition: FieldCondition): boolean {
  if (typeof condition !== 'object') return value === condition;
  if ('in' in condition) return condition.in.some((one) => one === value);
  if (typeof value !== 'number') return false;
  return 'below' in condition ? value < condition.below : value > condition.above;
}
