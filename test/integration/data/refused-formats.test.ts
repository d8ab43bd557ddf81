/**
 * Catches: a compressed file, Parquet or JSON lines that cannot be read as what it is said to be, and yet becomes a dataset; one that is refused without its code, its line or
 * the mend, or in the engine's words, or as something that may be tried again; a half-written dataset left in the store.
 */
import { gzipSync } from 'node:zlib';
import { DataProject } from './data-project';
import { expectRefusal, latin, long, ROWS, type Refused } from './refused-file';

jest.setTimeout(60_000);

let project: DataProject;

beforeEach(async () => {
  project = await DataProject.create();
});

afterEach(() => project.remove());

const cases: Record<string, Refused> = {
  'gzip that is cut off': {
    content: gzipSync(long(2, '0,0,no')).subarray(0, 4000),
    file: 'data.csv.gz',
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv.gz',
    message: /cannot be unpacked/,
    mend: /complete gzip file/,
  },
  'text that is called gzip': {
    content: ROWS,
    file: 'data.csv.gz',
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv.gz',
    message: /cannot be unpacked/,
    mend: /take \.gz off/,
  },
  'text that is called Parquet': {
    content: ROWS,
    file: 'data.parquet',
    code: 'SOURCE_UNREADABLE',
    where: 'data.parquet',
    message: /is not a Parquet file/,
    mend: /say which format/,
  },
  'JSON that breaks off': {
    content: '{"id":1,"y":"a"}\n{"id":2,\n',
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl:2',
    message: /Line 2 of data\.jsonl is not a JSON object/,
    mend: /one JSON object a line/,
  },
  'lines of JSON that are no objects': {
    content: '[1,2]\n[3,4]\n',
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl',
    message: /JSON, but not objects/,
    mend: /one object a line/,
  },
  'JSON objects without a key': {
    content: '{}\n{}\n',
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl',
    message: /not objects with keys/,
    mend: /one object a line/,
  },
  'a JSON key that is there twice': {
    content: '{"id":1,"y":"a"}\n{"id":2,"id":3,"y":"a"}\n',
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl:2',
    message: /Line 2 of data\.jsonl has the key "id" twice/,
    mend: /once/,
  },
  'JSON keys that differ in case only': {
    content: '{"id":1,"ID":2,"y":"a"}\n{"id":2,"ID":3,"y":"b"}\n',
    file: 'data.jsonl',
    code: 'DATASET_INVALID',
    where: 'data.jsonl',
    message: /differ in case only/,
    mend: /Rename one/,
  },
  'JSON with a byte-order mark': {
    content: '\ufeff{"id":1,"y":"a"}\n{"id":2,"y":"b"}\n',
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl:1',
    message: /Line 1 of data\.jsonl begins with a byte-order mark/,
    mend: /sed/,
  },
  'JSON that is not UTF-8': {
    content: latin('{"id":1,"y":"a"}\n{"id":2,"y":"\xe9"}\n'),
    file: 'data.jsonl',
    code: 'SOURCE_UNREADABLE',
    where: 'data.jsonl:2',
    message: /Line 2 of data\.jsonl is not valid UTF-8/,
    mend: /iconv/,
  },
  'a JSON value that is not of the type set for it': {
    content: '{"id":1,"y":"a"}\n{"id":2,"y":"b"}\n',
    file: 'data.jsonl',
    source: { types: { y: 'BIGINT' } },
    code: 'SOURCE_UNREADABLE',
    where: 'sources.rows.types',
    message: /Could not convert string 'a'/,
    mend: /another type/,
  },
  'an option that the format does not have': {
    content: '{"id":1,"y":"a"}\n',
    file: 'data.jsonl',
    source: { delimiter: ',' },
    code: 'DATASET_INVALID',
    where: 'sources.rows.delimiter',
    message: /delimiter is for CSV, and this source is jsonl/,
    mend: /Take delimiter out/,
  },
};

test.each(Object.entries(cases))('%s', (_name, expected) => expectRefusal(project, expected));
