package dev.mapstorm.load.conform;

/**
 * How many allocations of a device the model answers as the kernel did.
 *
 * @param device the device; empty where no line names one
 * @param allocations IOVA ranges that the trace allocates for it
 * @param decidable those whose answer the trace decides
 * @param unexplained those of them that the model answers otherwise
 */
public record DeviceConformance(
    String device, long allocations, long decidable, long unexplained) {}
