package dev.mapstorm.actors.spec;

/**
 * The TLB of a device that translates by itself (ATS, PCI Express Base Specification, chapter 10):
 * it asks the unit for what it does not have, keeps the answer, and is told to forget.
 *
 * @param tlbEntries entries of its TLB, 1 to 1048576, a multiple of the ways
 * @param tlbWays ways of a set; the sets are a power of two
 * @param requestNs round trip of a translation request, apart from what the unit takes for it
 * @param invalidateNs from an invalidation request of the unit until the device's answer is there
 * @param timeoutNs how long the unit waits for that answer, positive
 */
public record AtsSpec(
    int tlbEntries, int tlbWays, long requestNs, long invalidateNs, long timeoutNs) {}
