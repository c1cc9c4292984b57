package dev.mapstorm.persistence.check;

import java.util.Optional;

/**
 * A finding in the events of a host.
 *
 * @param t when it shows, in virtual nanoseconds
 * @param rule what is wrong
 * @param device the device; -1 if it is no device's
 * @param client the client; -1 if it is none's
 * @param op its request; -1 without one
 * @param pfn the granule that it is about; -1 without one
 * @param what the finding in words, without names of clients and devices
 * @param story the mapping that it is about, as far as that is known
 * @param other another mapping that is part of it
 */
public record WrongUse(
    long t,
    Rule rule,
    int device,
    int client,
    long op,
    long pfn,
    String what,
    Optional<Story> story,
    Optional<Story> other) {}
