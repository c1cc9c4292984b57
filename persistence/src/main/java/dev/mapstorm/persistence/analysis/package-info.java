/**
 * What every analysis of a run is: {@link dev.mapstorm.persistence.analysis.Analysis}, what it
 * collects of a host, and what it writes with. Each analysis is a package below this one; {@code
 * persistence.report} has the list. Sums are integers in nanoseconds, bytes and granules; ratios
 * are made only where a result is read.
 */
package dev.mapstorm.persistence.analysis;
