package dev.mapstorm.actors.spec;

/**
 * The link above several devices, of a root port or a switch, which they share.
 *
 * @param number of the uplink in its machine; devices with the same number share it
 * @param bytesPerSecond its bandwidth, the same for all of them
 */
public record UplinkSpec(int number, long bytesPerSecond) {}
