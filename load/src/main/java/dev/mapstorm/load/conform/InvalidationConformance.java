package dev.mapstorm.load.conform;

import java.util.List;

/**
 * The invalidations of a trace held against the VT-d model.
 *
 * @param rangeFlushes range flushes of unmaps, compared in range, covering block and order
 * @param wholeFlushes flushes of whole domains
 * @param descriptors IOTLB invalidation descriptors submitted for these flushes, compared word by
 *     word
 * @param mismatches flushes and descriptors that differ from what the model computes
 * @param unexpected range flushes and descriptors outside of any unmap or flush; not compared
 * @param firstMismatches the first ten mismatches, a line each
 */
public record InvalidationConformance(
    long rangeFlushes,
    long wholeFlushes,
    long descriptors,
    long mismatches,
    long unexpected,
    List<String> firstMismatches) {}
