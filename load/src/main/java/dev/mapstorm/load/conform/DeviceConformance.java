package dev.mapstorm.load.conform;

/**
 * How many allocations of a device the model answers as the kernel did.
 *
 * @param device the device
 * @param allocations IOVA ranges that the trace allocates for it
 * @param unexplained those that the model answers otherwise
 */
public record DeviceConformance(String device, long allocations, long unexplained) {}
