package dev.mapstorm.actors.cluster;

import java.util.function.LongSupplier;

/**
 * Wall time, for who is silent and for how long something took. It never reaches a simulated
 * decision.
 *
 * @param nanos a monotonic clock, in nanoseconds
 * @param millis milliseconds of the Unix epoch
 */
public record WallClock(LongSupplier nanos, LongSupplier millis) {}
