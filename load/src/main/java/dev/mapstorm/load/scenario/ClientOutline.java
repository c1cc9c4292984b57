package dev.mapstorm.load.scenario;

/**
 * Who a client is.
 *
 * @param name what reports call it; that of its device if it repeats a trace
 * @param device the device that it drives
 * @param cpu the CPU that it runs on; of one that repeats a trace, whose CPUs the recording gives
 *     call by call, the first of the machine
 */
public record ClientOutline(String name, int device, int cpu) {}
