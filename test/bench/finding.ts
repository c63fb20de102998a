/** Samples of one thing. */
export interface Series {
  readonly name: string;
  readonly unit: 'ms' | '×' | 'MB' | 'processes';
  readonly samples: readonly number[];
  /** The one number that stands for them: the median, or the worst where a limit holds for every sample. */
  readonly statistic?: 'median' | 'worst';
}

/** One row of the table: what was measured of Arbor, against what, and what it may be. */
export interface Finding {
  /** What is measured, in words. */
  readonly title: string;
  readonly measured: Series;
  /** The same in the same run without Arbor, or null. */
  readonly reference: Series | null;
  /** The most that it may be, in the unit of `measured`, and how that comes about; null where it is told for comparison. */
  readonly limit: { readonly value: number; readonly rule: string } | null;
  /** Parts of it and other ways to the same, for whoever looks for the cause of a figure. */
  readonly details?: readonly Series[];
  /** Facts that are no figures, such as which modules were loaded. */
  readonly notes?: readonly string[];
  /** False where one of those facts breaks a rule, whatever the figure. */
  readonly holds?: boolean;
}

/** A group of measurements that is run, or left out, as one. */
export interface Measure {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  /** Takes the samples. @throws Error when something does not work at all */
  run(): Promise<readonly Finding[]>;
}
