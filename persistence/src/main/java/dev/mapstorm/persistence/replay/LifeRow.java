package dev.mapstorm.persistence.replay;

/**
 * One event of a life.
 *
 * @param t its instant
 * @param event its number within the host
 * @param what label of its kind
 * @param domain where, or -1
 * @param client who, or -1
 * @param op for which request, or -1
 * @param cpu on which CPU, or -1
 * @param text what happened, in words
 */
public record LifeRow(
    long t, long event, String what, int domain, int client, long op, int cpu, String text) {}
