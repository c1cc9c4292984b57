package dev.mapstorm.actors.backend.direct;

/**
 * What a direct map costs, in virtual nanoseconds, not negative.
 *
 * @param directMap mapping one element
 */
public record DirectCosts(long directMap) {}
