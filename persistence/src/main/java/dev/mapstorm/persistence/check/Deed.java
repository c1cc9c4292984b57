package dev.mapstorm.persistence.check;

/**
 * Somebody mapped or unmapped something.
 *
 * @param t when, in virtual nanoseconds
 * @param cpu by which CPU
 * @param call the call that it was, in its domain
 */
public record Deed(long t, int cpu, long call) {}
