/** Reads YAML 1.2 into plain data, safely, and remembers where each key and value stands. */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { ErrorCode } from '../../contracts/errors';
import type { PathStep, Problem } from '../../contracts/file-problems';

/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A file's content with its places. */
export interface YamlTree {
  /** Plain data: null, booleans, finite numbers, texts, lists, mappings with text keys. */
  readonly value: unknown;
  /** What makes the YAML itself unusable. The value then means nothing. */
  readonly problems: readonly (Problem & { readonly place: Place })[];
  /** Place of the value or key at a path, or of the nearest one above it. */
  readonly locate: (path: readonly PathStep[], at: 'key' | 'value') => Place;
}

/** Most values that a file may have once its aliases are followed: far more than a person writes, far less than a bomb unfolds to. */
const MOST_VALUES = 50_000;
const DEEPEST = 64;
const MOST_PROBLEMS = 50;

interface Found {
  readonly key?: number;
  readonly value: number;
}

/**
 * Anchors and aliases are followed, within bounds. Refused: merge keys (`<<`), tags, several documents, duplicate keys, tabs as
 * indentation, keys that are no plain text, numbers that JSON cannot hold.
 */
export function readYaml(text: string, code: ErrorCode): YamlTree {
  const lines = new LineCounter();
  const document = parsed(text.replace(/^\uFEFF/, ''), lines);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const places = new Map<string, Found>();
  const locate: YamlTree['locate'] = (path, at) => {
    for (let length = path.length; length > 0; length--) {
      const found = places.get(JSON.stringify(path.slice(0, length)));
      if (found === undefined) continue;
      // For something that is missing, the key of what it is missing from.
      return placeAt(at === 'key' || length < path.length ? (found.key ?? found.value) : found.value);
    }
    return { line: 1, column: 1 };
  };
  if (document === undefined) {
    const message = `values are nested more than ${DEEPEST} deep`;
    const problem = { path: [], at: 'value' as const, code, message, place: { line: 1, column: 1 } };
    return { value: undefined, problems: [problem], locate };
  }
  const problems = [...document.errors, ...document.warnings].slice(0, MOST_PROBLEMS).map((error) => ({
    path: [],
    at: 'value' as const,
    code,
    message: SENTENCES[error.code] ?? lowerFirst(error.message),
    place: placeAt(error.pos[0]),
  }));
  if (problems.length > 0) return { value: undefined, problems, locate };

  const walk = new Walk(places);
  const value = walk.read(document.contents, [], 0);
  return {
    value,
    problems: walk.problems.map(({ message, path, offset }) => ({
      path,
      at: 'value',
      code,
      message,
      place: placeAt(offset),
    })),
    locate,
  };
}

/** Undefined when the nesting is too deep for the parser, which recurses. */
function parsed(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      version: '1.2',
      logLevel: 'error',
      // Its own check compares every key with every other: seconds for a mapping of thousands. The walk below looks each one up.
      uniqueKeys: false,
    });
  } catch (error) {
    // By name: instanceof fails across realms (Jest).
    if (error instanceof Error && error.name === 'RangeError') return undefined;
    throw error;
  }
}

const SENTENCES: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: 'a tab stands where YAML wants spaces: indent with spaces',
  MULTIPLE_DOCS: 'a second document begins here (---): write one file for each',
  RESOURCE_EXHAUSTION: `values are nested more than ${DEEPEST} deep`,
  TAG_RESOLVE_FAILED: 'tags (!…) are not read: write the plain value',
};

/** Thrown inside the walk to end it; what is wrong has been taken down. */
class TooMuch extends Error {}

class Walk {
  readonly problems: { message: string; path: PathStep[]; offset: number }[] = [];
  private values = 0;
  /** The walk goes in the order of the file, so an alias finds the latest anchor before it. */
  private readonly anchors = new Map<string, Node>();
  /** Aliases that are being followed: what lies in them has been seen already. */
  private following = 0;

  constructor(private readonly places: Map<string, Found>) {}

  /** The plain value of a node; `undefined` once something made the file unusable. */
  read(node: unknown, path: PathStep[], depth: number): unknown {
    try {
      return this.valueOf(node as Node | null, path, depth, undefined);
    } catch (error) {
      if (error instanceof TooMuch) return undefined;
      throw error;
    }
  }

  private valueOf(node: Node | null, path: PathStep[], depth: number, key: number | undefined): unknown {
    const offset = node?.range?.[0] ?? key ?? 0;
    this.places.set(JSON.stringify(path), { value: offset, ...(key === undefined ? {} : { key }) });
    this.values += 1;
    if (this.values > MOST_VALUES)
      this.stop(
        `the file unfolds to more than ${MOST_VALUES} values: use fewer aliases (*name)`,
        path,
        offset,
      );
    if (depth > DEEPEST) this.stop(`values are nested more than ${DEEPEST} deep`, path, offset);
    if (node === null) return null;
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (target === undefined)
        return this.refuse(`no anchor &${node.source} stands before this alias`, path, offset);
      this.following += 1;
      const value = this.valueOf(target, path, depth + 1, key);
      this.following -= 1;
      return value;
    }
    this.remember(node);
    if (isScalar(node)) return this.scalar(node.value, path, offset);
    if (isSeq(node))
      return node.items.map((item, index) =>
        this.valueOf(item as Node | null, [...path, index], depth + 1, undefined),
      );
    if (isMap(node)) return this.mapping(node.items, path, depth);
    return this.refuse('this is no plain value', path, offset);
  }

  private remember(node: Node): void {
    if (this.following === 0 && 'anchor' in node && typeof node.anchor === 'string')
      this.anchors.set(node.anchor, node);
  }

  private scalar(value: unknown, path: PathStep[], offset: number): unknown {
    if (typeof value === 'number' && !Number.isFinite(value))
      return this.refuse('infinity and not-a-number cannot stand here', path, offset);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      return this.refuse('this whole number is too large to be exact: put it in quotes', path, offset);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
    return this.refuse('this is no plain value', path, offset);
  }

  private mapping(items: readonly unknown[], path: PathStep[], depth: number): unknown {
    const entries: [string, unknown][] = [];
    const seen = new Set<string>();
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const keyNode = pair.key as Node | null;
      const offset = keyNode?.range?.[0] ?? 0;
      const key = keyText(keyNode);
      if (keyNode !== null) this.remember(keyNode);
      if (key === undefined) {
        this.refuse(
          isMap(keyNode)
            ? 'a mapping cannot be a key; a template needs quotes: "{{ params.NAME }}"'
            : 'a key must be a plain text',
          path,
          offset,
        );
        continue;
      }
      if (key === '<<') {
        this.refuse(
          'merge keys (<<) are not read: write the keys out, or use an alias for the whole value',
          path,
          offset,
        );
        continue;
      }
      if (key === '__proto__') {
        this.refuse('a key cannot be called __proto__', path, offset);
        continue;
      }
      // 1 and "1" are different keys to YAML and the same one to us.
      if (seen.has(key))
        this.refuse('this key stands twice in the same mapping: keep one of the two', path, offset);
      seen.add(key);
      entries.push([key, this.valueOf(pair.value as Node | null, [...path, key], depth + 1, offset)]);
    }
    return Object.fromEntries(entries);
  }

  private refuse(message: string, path: PathStep[], offset: number): null {
    this.problems.push({ message, path, offset });
    if (this.problems.length >= MOST_PROBLEMS) throw new TooMuch();
    return null;
  }

  private stop(message: string, path: PathStep[], offset: number): never {
    this.problems.push({ message, path, offset });
    throw new TooMuch();
  }
}

/** Columns may be called `2020` or `true`: a plain key is the text it is written as. */
function keyText(node: Node | null): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return node.source !== undefined && node.source !== '' ? node.source : undefined;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
