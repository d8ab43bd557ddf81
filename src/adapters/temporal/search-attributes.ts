/** Millrace's search attributes: registered where that is permitted, done without where it is not. */
import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../contracts/task-queues';

/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of Temporal's protocol. */
const KEYWORD = 2;

const NAMES = Object.values(SEARCH_ATTRIBUTES);

/** Whether the namespace has them all now, and, where it does not, the command that an administrator runs. */
export type SearchAttributeState =
  { readonly present: true } | { readonly present: false; readonly command: string };

/**
 * Registers what is missing, before any worker polls: an upsert of an unknown attribute would hang a run. Never throws for lack of
 * permission: then runs go without, and the command to run is named.
 */
export async function ensureSearchAttributes(
  client: Client,
  namespace: string,
): Promise<SearchAttributeState> {
  const { operatorService } = client.connection;
  const missing = async (): Promise<string[]> => {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return NAMES.filter((name) => !(name in customAttributes));
  };
  try {
    const absent = await missing();
    if (absent.length > 0) {
      await operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(absent.map((name) => [name, KEYWORD])),
      });
    }
    if ((await missing()).length === 0) return { present: true };
  } catch {
    // Not permitted, or an older server: said below.
  }
  const flags = NAMES.map((name) => `--name ${name} --type Keyword`).join(' ');
  return {
    present: false,
    command: `temporal operator search-attribute create --namespace ${namespace} ${flags}`,
  };
}
