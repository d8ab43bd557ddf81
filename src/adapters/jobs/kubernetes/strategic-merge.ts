/** Merging a patch into an object of Kubernetes. Pure. */

/** Lists that are merged entry by entry, and the key that tells the entries apart; all others are replaced. As Kubernetes has them for a pod. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  resourceClaims: 'name',
};

/**
 * `target` with `patch` merged into it, both left as they are. Mappings are merged key by key, and null removes a key; the lists above are merged by their
 * keys, where an entry with `$patch: delete` is removed; everything else replaces what was there.
 */
export function mergeStrategically<T extends object>(target: T, patch: Readonly<Record<string, unknown>>): T {
  return mergedMapping(target as Mapping, patch) as T;
}

type Mapping = Readonly<Record<string, unknown>>;

function mergedMapping(target: Mapping, patch: Mapping): Mapping {
  const keys = [...new Set([...Object.keys(target), ...Object.keys(patch)])];
  const merged = keys.flatMap((key): [string, unknown][] => {
    if (!Object.hasOwn(patch, key)) return [[key, target[key]]];
    return patch[key] === null ? [] : [[key, mergedValue(key, target[key], patch[key])]];
  });
  return Object.fromEntries(merged);
}

function mergedValue(key: string, target: unknown, patch: unknown): unknown {
  // A mapping that is new is merged into an empty one, so that its nulls are gone, too.
  if (isMapping(patch)) return mergedMapping(isMapping(target) ? target : {}, patch);
  const mergeKey = MERGE_KEYS[key];
  if (mergeKey === undefined || !Array.isArray(patch)) return patch;
  return mergedList(Array.isArray(target) ? target : [], patch, mergeKey);
}

function mergedList(target: readonly unknown[], patch: readonly unknown[], mergeKey: string): unknown[] {
  const merged = [...target];
  for (const entry of patch) {
    const { $patch: directive, ...change } = isMapping(entry) ? entry : {};
    const place = merged.findIndex((each) => isMapping(each) && each[mergeKey] === change[mergeKey]);
    if (directive === 'delete') {
      if (place >= 0) merged.splice(place, 1);
    } else if (!isMapping(entry)) merged.push(entry);
    else if (place < 0) merged.push(mergedMapping({}, entry));
    else merged[place] = mergedMapping(merged[place] as Mapping, entry);
  }
  return merged;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
