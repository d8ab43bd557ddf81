/** Evaluation as arithmetic on arrays: metrics equal to scikit-learn's, intervals, thresholds and what a report draws. */
export * from './bootstrap';
export * from './calibration';
export * from './confusion';
export * from './curves';
export * from './measure';
export * from './multiclass';
export * from './predictions';
export * from './quantile';
export * from './random';
export * from './ranking';
export * from './regression';
export * from './resampling';
export * from './slices';
export * from './threshold';
