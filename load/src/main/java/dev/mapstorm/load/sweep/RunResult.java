package dev.mapstorm.load.sweep;

import dev.mapstorm.persistence.analysis.RunFigure;
import java.util.List;

/**
 * One run of a sweep that has ended.
 *
 * @param run its number
 * @param hash SHA-256 of its resolved scenario, in hexadecimal
 * @param figures what was found, in a fixed order
 */
record RunResult(int run, String hash, List<RunFigure> figures) {}
