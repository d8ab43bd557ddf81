/**
 * Catches: a file that cannot be read as what it is said to be, and yet becomes a dataset; one that is refused without its code, its line or
 * the mend, or in the engine's words, or as something that may be tried again; a half-written dataset left in the store.
 */
import { DataProject } from './data-project';
import { expectRefusal, latin, long, ROWS, type Refused } from './refused-file';

jest.setTimeout(60_000);

let project: DataProject;

beforeEach(async () => {
  project = await DataProject.create();
});

afterEach(() => project.remove());

const cases: Record<string, Refused> = {
  'an empty file': {
    content: '',
    code: 'SOURCE_EMPTY',
    where: 'data.csv',
    message: /data\.csv of the source rows is empty/,
    mend: /header line and rows/,
  },
  'nothing but line ends': {
    content: '\n\n\n',
    code: 'SOURCE_EMPTY',
    where: 'data.csv',
    message: /no line with text/,
    mend: /header line and rows/,
  },
  'a header only': {
    content: 'id,a,y\n',
    code: 'SOURCE_EMPTY',
    where: 'sources.rows',
    message: /has a header and no rows/,
    mend: /file with rows/,
  },
  'a header only, without a line end': {
    content: 'id,a,y',
    code: 'SOURCE_EMPTY',
    where: 'sources.rows',
    message: /has a header and no rows/,
    mend: /file with rows/,
  },
  'a delimiter that is set and wrong': {
    content: ROWS,
    source: { delimiter: ';' },
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /With the delimiter ";" data\.csv has one column only: "id,a,y"/,
    mend: /delimiter: ","/,
  },
  'a tab where a comma is said': {
    content: ROWS.replaceAll(',', '\t'),
    source: { delimiter: ',' },
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /one column only/,
    mend: /delimiter: "\\t"/,
  },
  'a delimiter that nobody guesses': {
    content: ROWS.replaceAll(',', ':'),
    code: 'DATASET_INVALID',
    where: 'dataset.label',
    message: /There is no column "y"; known are id:a:y/,
    mend: /say which character separates the fields/,
  },
  'bytes that are not UTF-8, far down': {
    content: latin(long(1702, '1700,caf\xe9,no')),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1702',
    message: /Line 1702 of data\.csv is not valid UTF-8/,
    mend: /iconv -f WINDOWS-1252 -t UTF-8/,
  },
  'bytes that are not UTF-8, in the header': {
    content: latin('id,caf\xe9,y\n1,2,no\n2,3,yes\n'),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /not valid UTF-8/,
    mend: /iconv/,
  },
  'UTF-16': {
    content: Buffer.from(`\ufeff${ROWS}`, 'utf16le'),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /UTF-16/,
    mend: /iconv -f UTF-16 -t UTF-8/,
  },
  'UTF-16 without a mark': {
    content: Buffer.from(ROWS, 'utf16le'),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /UTF-16/,
    mend: /iconv/,
  },
  'a row with a field too few, far down': {
    content: long(1236, '1234,5'),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1236',
    message: /Line 1236 of data\.csv has 2 fields where the header has 3/,
    mend: /quotes around fields/,
  },
  'a row with a field too many': {
    content: long(1236, '1234,5,no,7'),
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1236',
    message: /has 4 fields where the header has 3/,
    mend: /quotes around fields/,
  },
  'rows that all have a field more than the header': {
    content: 'id,a,y\n1,2,3,no\n2,3,4,yes\n',
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:2',
    message: /has 4 fields where the header has 3/,
    mend: /Mend the line/,
  },
  'a quote that is never closed': {
    content: `${ROWS}4,"abc,no\n5,a,yes\n6,a,yes\n`,
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:5',
    message: /begins a quote that is never closed/,
    mend: /Close the quote/,
  },
  'two kinds of line ends': {
    content: 'id,a,y\r\n1,2,no\n2,3,yes\r\n3,3,no\r\n',
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:2',
    message: /mixes two kinds of line ends: 3 of its first 4 lines end in CR LF/,
    mend: /Use one of them/,
  },
  'a field of nine million characters': {
    content: `${ROWS}4,${'m'.repeat(9_000_000)},yes\n`,
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:5',
    message: /Line 5 of data\.csv is longer than the 8388608 bytes/,
    mend: /as Parquet/,
  },
  'a header of nine million characters': {
    content: `id,${'m'.repeat(9_000_000)},y\n1,2,yes\n2,3,no\n`,
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv:1',
    message: /Line 1 of data\.csv is longer than the 8388608 bytes/,
    mend: /header line of short names/,
  },
  'one column twice': {
    content: 'id,a,a,y\n1,2,3,no\n2,3,4,yes\n',
    code: 'DATASET_INVALID',
    where: 'data.csv',
    message: /The column "a" is there twice/,
    mend: /Rename one/,
  },
  'columns that differ in case only': {
    content: 'id,a,A,y\n1,2,3,no\n2,3,4,yes\n',
    code: 'DATASET_INVALID',
    where: 'data.csv',
    message: /The columns "a" and "A" differ in case only/,
    mend: /Rename one/,
  },
  "a column with a name of Millrace's own": {
    content: 'id,__row_id,y\n1,2,no\n2,3,yes\n',
    code: 'DATASET_INVALID',
    where: 'rows',
    message: /"__row_id" has a name that begins with __/,
    mend: /RENAME/,
  },
  'a type that is set and does not fit': {
    content: ROWS,
    source: { types: { a: 'BIGINT' } },
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv',
    message: /data\.csv has "x" in the column a, which is no BIGINT/,
    mend: /types/,
  },
  'a fraction where whole numbers are set': {
    content: 'id,a,y\n1,5.0,no\n2,1.6,yes\n3,,no\n',
    source: { types: { a: 'INTEGER' } },
    code: 'SOURCE_UNREADABLE',
    where: 'data.csv',
    message: /has "1\.6" in the column a, which is no INTEGER/,
    mend: /types/,
  },
  'a type that does not exist': {
    content: ROWS,
    source: { types: { a: 'NUMBER' } },
    code: 'DATASET_INVALID',
    where: 'sources.rows.types',
    message: /NUMBER/,
    mend: /VARCHAR, BIGINT/,
  },
  'a type that is more than a type': {
    content: ROWS,
    source: { types: { a: "VARCHAR'}, x={'a" } },
    code: 'DATASET_INVALID',
    where: 'sources.rows.types',
    message: /is no type/,
    mend: /VARCHAR, BIGINT/,
  },
  'a type for a column that is not there': {
    content: ROWS,
    source: { types: { b: 'BIGINT' } },
    code: 'DATASET_INVALID',
    where: 'sources.rows.types',
    message: /"b" do not exist/,
    mend: /columns of the file \(id, a, y\)/,
  },
  'an ending that says nothing': {
    content: ROWS,
    file: 'data.xyz',
    code: 'SOURCE_UNREADABLE',
    where: 'sources.rows',
    message: /The ending of data\.xyz does not tell its format/,
    mend: /format: csv/,
  },
};

test.each(Object.entries(cases))('%s', (_name, expected) => expectRefusal(project, expected));

test('files of one source with other columns than the first', async () => {
  await project.file('data/a.csv', ROWS);
  await project.file('data/b.csv', ROWS.replace('a,y', 'b,y'));
  const error = await project.refusal({
    sources: { rows: { uri: 'data/*.csv' } },
    dataset: { key: 'id', label: 'y' },
  });
  expect(error).toMatchObject({ code: 'SOURCE_UNREADABLE', where: 'data/b.csv:1' });
  expect(error.message).toContain('compared with data/a.csv, data/b.csv lacks a and has b besides');
  expect(error.mend).toContain('two sources');
});

test('of several files the broken one is named', async () => {
  for (const name of ['a', 'b', 'c'])
    await project.file(`data/${name}.csv`, name === 'b' ? long(900, 'broken') : ROWS);
  const error = await project.refusal({
    sources: { rows: { uri: 'data/*.csv' } },
    dataset: { key: 'id', label: 'y' },
  });
  expect(error).toMatchObject({ code: 'SOURCE_UNREADABLE', where: 'data/b.csv:900' });
});
