package dev.mapstorm.load.trace;

/**
 * What a trace asks for one device.
 *
 * @param name the device, for PCI its BDF
 * @param maps requests that map
 * @param unmaps requests that take a map back
 * @param bytes sum of all maps
 * @param peakLive most maps that were live at once
 * @param translated whether page-table events belong to its maps
 */
public record DeviceSummary(
    String name, long maps, long unmaps, long bytes, long peakLive, boolean translated) {}
