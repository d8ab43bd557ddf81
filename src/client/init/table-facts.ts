/** What a look at a file tells about it: enough to write a pipeline for it. */
import type { ColumnType } from '../../contracts/profile';
import type { SourceFormat } from '../../contracts/pipeline-file';

/** A value as it would be written in a pipeline file. */
export type PlainValue = string | number | boolean;

/** One column of the file. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: ColumnType;
  /** Lists, structs and other nested values, which come as JSON text. */
  readonly nested: boolean;
  readonly missing: number;
  /** Exact when small or near the number of rows; else an estimate within a few per cent. */
  readonly distinct: number;
  /** Of numbers as numbers, of dates and timestamps as ISO 8601; null without values. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** All values with their counts, most frequent first, when there are at most {@link MOST_LISTED}. */
  readonly values: readonly { readonly value: PlainValue; readonly count: number }[];
  /** Of texts: the mean number of words. */
  readonly words: number;
  /** Of texts that are mostly numbers: what keeps them from being a column of numbers. */
  readonly almostNumbers?: AlmostNumbers;
}

/** Numbers, but for some texts. */
export interface AlmostNumbers {
  /** Share of the values that are numbers, below 1. */
  readonly share: number;
  /** The most frequent of the other texts, at most three. */
  readonly others: readonly string[];
}

/** Most distinct values that are listed one by one. */
export const MOST_LISTED = 100;

/** The file as a table. */
export interface TableFacts {
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  readonly format: SourceFormat;
  /** Of CSV and TSV, where it is not the usual one. */
  readonly delimiter?: string;
  /** Of CSV and TSV: whether the first line names the columns. */
  readonly header?: boolean;
}
