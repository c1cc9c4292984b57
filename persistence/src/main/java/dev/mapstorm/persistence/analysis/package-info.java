/**
 * What a run's events say about it: figures by client, lock, unit, mapping size and window.
 *
 * <p>{@link dev.mapstorm.persistence.analysis.Analysis} makes one pass over each host's events, in
 * order; hosts may be analysed apart and merged. Sums are integers in nanoseconds, bytes and
 * granules; ratios are made only where a result is read.
 */
package dev.mapstorm.persistence.analysis;
