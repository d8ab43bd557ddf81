// Catches a patch that replaces a list it should have merged with, that cannot remove what is there, or that changes its target.
import { mergeStrategically } from '../../../src/adapters/jobs/kubernetes/strategic-merge';

test.each<[string, object, Record<string, unknown>, object]>([
  ['a value is replaced', { a: 1, b: 2 }, { a: 3 }, { a: 3, b: 2 }],
  ['a mapping is merged', { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
  ['null removes', { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
  ['null removes nothing that is not there', {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ['a mapping takes the place of a value', { a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
  ['a list without keys is replaced', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
  [
    'a list with keys is merged',
    { containers: [{ name: 'main', image: 'a', tty: true }] },
    { containers: [{ name: 'side' }, { name: 'main', image: 'b' }] },
    { containers: [{ name: 'main', image: 'b', tty: true }, { name: 'side' }] },
  ],
  [
    'mounts are told apart by their paths',
    { volumeMounts: [{ name: 'a', mountPath: '/a' }] },
    {
      volumeMounts: [
        { name: 'a', mountPath: '/b' },
        { mountPath: '/a', readOnly: true },
      ],
    },
    {
      volumeMounts: [
        { name: 'a', mountPath: '/a', readOnly: true },
        { name: 'a', mountPath: '/b' },
      ],
    },
  ],
  [
    'volumes, variables and ports stay beside new ones',
    { volumes: [{ name: 'a' }], env: [{ name: 'A' }], ports: [{ containerPort: 1 }] },
    { volumes: [{ name: 'b' }], env: [{ name: 'B' }], ports: [{ containerPort: 2 }] },
    {
      volumes: [{ name: 'a' }, { name: 'b' }],
      env: [{ name: 'A' }, { name: 'B' }],
      ports: [{ containerPort: 1 }, { containerPort: 2 }],
    },
  ],
  [
    'an entry is removed by name',
    { env: [{ name: 'A' }, { name: 'B' }] },
    {
      env: [
        { name: 'A', $patch: 'delete' },
        { name: 'C', $patch: 'delete' },
      ],
    },
    { env: [{ name: 'B' }] },
  ],
  [
    'a list that was not there',
    {},
    { volumes: [{ name: 'a', emptyDir: {} }] },
    { volumes: [{ name: 'a', emptyDir: {} }] },
  ],
  ['nulls of a new entry are gone', {}, { env: [{ name: 'A', value: null }] }, { env: [{ name: 'A' }] }],
])('%s', (_, target, patch, expected) => {
  const before = JSON.stringify([target, patch]);
  expect(mergeStrategically(target, patch)).toEqual(expected);
  expect(JSON.stringify([target, patch])).toBe(before);
});
