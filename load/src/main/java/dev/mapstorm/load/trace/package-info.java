/**
 * Kernel traces: reading ftrace, trace-cmd and perf text, and joining its lines into the requests
 * of DMA clients.
 */
package dev.mapstorm.load.trace;
