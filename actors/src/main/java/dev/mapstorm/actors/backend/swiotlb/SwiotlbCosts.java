package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.spec.PerByte;

/**
 * What bounce buffers cost, in virtual nanoseconds, none negative.
 *
 * @param bounceAlloc taking slots that were found, under the area's lock
 * @param bounceCheck looking at one slot in a search, under the area's lock
 * @param bounceFree giving slots back, under the area's lock
 * @param bounceCopy copying a byte, without a lock
 * @param bouncePool making a transient pool
 * @param poolWork from a search that found nothing to the new pool, made by a worker
 */
public record SwiotlbCosts(
    long bounceAlloc,
    long bounceCheck,
    long bounceFree,
    PerByte bounceCopy,
    long bouncePool,
    long poolWork) {}
