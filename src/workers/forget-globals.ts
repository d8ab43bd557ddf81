/**
 * Evaluated in the context of workflows, after the contracts: takes zod's global names away. The SDK freezes what is global by then, and a file of a user that
 * calls `z.config`, or brings another copy of zod, would fail at it. The shared copy keeps what it needs by itself; another one makes its own.
 */
for (const name of ['__zod_globalConfig', '__zod_globalRegistry']) Reflect.deleteProperty(globalThis, name);

export {};
