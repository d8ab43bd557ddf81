/** What a training container asks for and is held to. Pure. */
import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { GPU_RESOURCE } from '../../../contracts/pipeline-file';
import type { JobManifestRequest } from './attempt';

/**
 * Cores are requested and not limited, memory both, devices limited (which requests them). What the template names counts instead; of what it only limits, the
 * cluster requests as much.
 */
export function containerResources({ template, attempt }: JobManifestRequest): V1ResourceRequirements {
  const { cpu, memoryBytes, gpu } = attempt.resources;
  const memory = memoryBytes === undefined ? undefined : bytes(memoryBytes);
  const requests = {
    ...without(template.limits, {
      ...(cpu !== undefined && { cpu: String(cpu) }),
      ...(memory !== undefined && { memory }),
    }),
    ...template.requests,
  };
  const limits = {
    ...(memory !== undefined && { memory }),
    ...(gpu !== undefined && gpu > 0 && { [GPU_RESOURCE]: String(gpu) }),
    ...template.limits,
  };
  return { requests, limits };
}

/** Whole mebibytes where it is so many, as people write it. */
function bytes(count: number): string {
  return count % 2 ** 20 === 0 ? `${count / 2 ** 20}Mi` : String(count);
}

function without(
  named: Readonly<Record<string, string>>,
  all: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in named)));
}
