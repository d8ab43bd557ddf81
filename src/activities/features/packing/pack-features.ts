/** The declaration of the features that travels with every model: `packing.json`. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { PipelineSpec } from '../../../contracts/pipeline-file';
import type { FeaturePacking } from '../../../contracts/trainer';
import type { TableSession } from '../../../ports/table-engine';
import { RESERVED_PREFIX } from '../../sql/column-names';
import type { TypedColumn } from '../typed-column';
import { chooseFeatures } from './choose-features';
import { columnFacts } from './column-facts';
import { checkDerivedFeatures } from './derived-features';

/** A packing, and what a person should know about it. */
export interface PackedFeatures {
  readonly packing: FeaturePacking;
  readonly warnings: readonly string[];
}

/**
 * Declares the features over the session's table `joined`. Inputs are what is selected or referred to, in the order of the data.
 * @throws FEATURE_INVALID; LEAKAGE_FOUND where the label or the key would reach a model.
 */
export async function packFeatures(
  session: TableSession,
  spec: PipelineSpec,
  joined: readonly TypedColumn[],
): Promise<PackedFeatures> {
  const facts = await columnFacts(
    session,
    joined.filter((column) => !column.name.startsWith(RESERVED_PREFIX)),
  );
  const chosen = chooseFeatures(spec, facts);
  const derived = await checkDerivedFeatures(session, spec, facts);
  const types = new Map(facts.map((column) => [column.name, column.type]));
  const features = new Map([
    ...chosen.select.map((name) => [name, types.get(name)] as const),
    ...derived.types,
  ]);
  if (features.size === 0)
    throw new MillraceError('FEATURE_INVALID', 'There is no feature.', {
      where: 'features',
      mend: chosen.warnings[0] ?? 'Name columns in features.select, or expressions in features.derive.',
    });
  spec.features.text.forEach((name, index) => checkText(name, index, features));
  const used = new Set([...chosen.select, ...derived.references]);
  const inputs = facts.flatMap(({ name, type }): FeaturePacking['inputs'] =>
    type !== undefined && used.has(name)
      ? [{ name, type: spec.features.text.includes(name) ? 'text' : type }]
      : [],
  );
  return {
    packing: { inputs, select: [...chosen.select], derive: spec.features.derive, text: spec.features.text },
    warnings: [...chosen.warnings, ...derived.warnings],
  };
}

function checkText(name: string, index: number, features: ReadonlyMap<string, string | undefined>): void {
  const where = `features.text[${index}]: ${name}`;
  const type = features.get(name);
  if (type === undefined)
    throw new MillraceError(
      'FEATURE_INVALID',
      `There is no feature ${name}${didYouMean(name, [...features.keys()])}.`,
      { where, mend: 'Name a feature that is selected or derived.' },
    );
  if (type !== 'category')
    throw new MillraceError('FEATURE_INVALID', `The feature ${name} is ${type}, not text.`, {
      where,
      mend: 'Take it out of features.text.',
    });
}
