package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/**
 * An allocation that the model answers otherwise than the kernel did.
 *
 * @param line the line of its first page-table write
 * @param timeNs timestamp of that line
 * @param device the device
 * @param cpu the CPU that allocated
 * @param pages granules
 * @param kernelIova what the kernel answered, {@link TraceEvent#MAPPING_ERROR} if nothing
 * @param modelIova what the model answers; 0 or {@link TraceEvent#MAPPING_ERROR} if nothing
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
    return "line %d: %s allocates %s on CPU %d, kernel %s, model %s%s"
        .formatted(
            line,
            device,
            Units.things(pages, "page"),
            cpu,
            answer(kernelIova),
            answer(modelIova),
            overlapping.isEmpty() ? "" : "; meanwhile " + String.join("; ", overlapping));
  }

  private static String answer(long iova) {
    return iova == TraceEvent.MAPPING_ERROR ? "none" : "0x" + Long.toHexString(iova);
  }
}
