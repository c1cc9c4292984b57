package dev.mapstorm.load.conform;

import java.util.List;

/**
 * An allocation that the model answers otherwise than the kernel did.
 *
 * @param line the line of its first page-table write
 * @param timeNs timestamp of that line
 * @param device the device
 * @param cpu the CPU that allocated
 * @param pages granules
 * @param kernelIova what the kernel answered
 * @param modelIova what the model answers, 0 if nothing
 * @param overlapping the operations that were under way, a line each
 */
public record UnexplainedAllocation(
    long line,
    long timeNs,
    String device,
    int cpu,
    long pages,
    long kernelIova,
    long modelIova,
    List<String> overlapping) {

  /** In one line: what was asked, both answers, and what was under way. */
  public String describe() {
    return "line %d: %s allocates %d pages on CPU %d, kernel 0x%x, model 0x%x%s"
        .formatted(
            line,
            device,
            pages,
            cpu,
            kernelIova,
            modelIova,
            overlapping.isEmpty() ? "" : "; meanwhile " + String.join("; ", overlapping));
  }
}
