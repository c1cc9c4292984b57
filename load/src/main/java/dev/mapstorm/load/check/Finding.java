package dev.mapstorm.load.check;

import dev.mapstorm.persistence.check.Rule;

/**
 * Something wrong, for a reader.
 *
 * @param rule label of the rule, see {@link Rule}
 * @param dmaDebug what dma-debug prints of it; empty if it does not look at it
 * @param host the host of a run; -1 in a trace
 * @param timeNs when it shows: virtual nanoseconds, or the clock of the trace
 * @param line the line of a trace that shows it; -1 in a run
 * @param device name of the device; empty if it is no device's, or not known
 * @param client name of the client, or the task; empty if there is none
 * @param address the DMA address that it is about; -1 without one
 * @param text the finding with its story, in words
 */
public record Finding(
    String rule,
    String dmaDebug,
    int host,
    long timeNs,
    long line,
    String device,
    String client,
    long address,
    String text) {
  static Finding of(
      Rule rule,
      int host,
      long timeNs,
      long line,
      String device,
      String client,
      long address,
      String text) {
    return new Finding(
        rule.label(), rule.dmaDebug(), host, timeNs, line, device, client, address, text);
  }
}
