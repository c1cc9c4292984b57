package dev.mapstorm.load.explain;

import dev.mapstorm.load.trace.ReadingNotes;
import dev.mapstorm.load.trace.TracePolicy;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a trace tells of its mappings. Times are nanoseconds on the clock of the trace, sizes bytes.
 * Lists are in the order of lines unless stated.
 *
 * @param reading what was seen of the file beside its events
 * @param policy how the machine translated, as far as the events show it
 * @param spanNs from the first event to the last
 * @param devices use by device, the most mapped first; the device is empty where no line tells it
 * @param tasks use by device and task, the most mapped first
 * @param neverUnmapped what is still mapped at the end, by device, task and size
 * @param standing each mapping that is still mapped at the end, by device and line
 * @param strayUnmaps unmaps of what was not mapped
 * @param unmapsOfEarlierMappings unmaps of what may have been mapped before the trace begins
 * @param earlierBytes bytes of these, as far as the lines tell
 * @param failedCalls DMA calls that failed, by device, task, call and error
 * @param faults translation faults, each with its story
 * @param mappedTwice mappings over addresses that the same device still had mapped
 * @param bounces what went through swiotlb, by device
 * @param gaps places where the kernel dropped events
 */
public record TraceExplanation(
    ReadingNotes reading,
    TracePolicy policy,
    long spanNs,
    List<Use> devices,
    List<Use> tasks,
    List<NeverUnmapped> neverUnmapped,
    List<Mapping> standing,
    List<StrayUnmap> strayUnmaps,
    long unmapsOfEarlierMappings,
    long earlierBytes,
    List<FailedCalls> failedCalls,
    List<Fault> faults,
    List<MappedTwice> mappedTwice,
    List<Bounces> bounces,
    long gaps) {

  /**
   * Mappings of a device, or of a task for a device.
   *
   * @param device the device, empty if not known
   * @param task as {@link Act#who}; empty in the table of devices
   * @param maps mappings
   * @param unmaps unmappings
   * @param bytes bytes mapped in all
   * @param failedCalls calls that failed
   * @param spanNs from its first event to its last
   * @param sizes mappings by size
   */
  public record Use(
      String device,
      String task,
      long maps,
      long unmaps,
      long bytes,
      long failedCalls,
      long spanNs,
      SortedMap<Long, Long> sizes) {

    /** Whether they are clients of the IOMMU API, or of a kernel without dma events. */
    public boolean isOfUnknownDevice() {
      return device.isEmpty();
    }
  }

  /**
   * Mappings of one size that are still there at the end.
   *
   * @param device the device, empty if not known
   * @param task who mapped them
   * @param bytes size of each
   * @param count how many
   * @param firstLine line of the first
   */
  public record NeverUnmapped(String device, String task, long bytes, long count, long firstLine) {
    /** Whether a mapping that is still there is one of these. */
    boolean counts(Mapping mapping) {
      return mapping.bytes() == bytes
          && mapping.device().equals(device)
          && mapping.mapped().who().equals(task);
    }
  }

  /**
   * An unmapping of what was not mapped.
   *
   * @param act the line
   * @param device the device, empty if not known
   * @param iova the address
   * @param bytes the size
   * @param physicalOf the mapping whose physical address this is, if there is one: it stays mapped
   */
  public record StrayUnmap(
      Act act, String device, long iova, long bytes, Optional<Mapping> physicalOf) {}

  /**
   * Failed DMA calls of one kind.
   *
   * @param device the device
   * @param task who called
   * @param call such as {@code dma_map_page}
   * @param error errno, 0 where the event has none
   * @param count how many
   * @param bytes bytes asked for in all, as far as the events tell
   * @param firstLine line of the first
   */
  public record FailedCalls(
      String device, String task, String call, int error, long count, long bytes, long firstLine) {}

  /**
   * A device met an address that it may not use.
   *
   * @param act the line
   * @param driver driver of the device, or of the IOMMU
   * @param device the device, or the IOMMU where its driver tells no more
   * @param access {@code read}, {@code write} or {@code unknown}
   * @param address the address
   * @param mapping the mapping that holds the address, or held it last
   * @param nearest else the nearest one
   * @param timed whether the time of the fault is known
   */
  public record Fault(
      Act act,
      String driver,
      String device,
      String access,
      long address,
      Optional<Mapping> mapping,
      Optional<Mapping> nearest,
      boolean timed) {

    /**
     * Whether the address was mapped for the device, or for one that is not known, and is no more.
     */
    public boolean isUseAfterUnmap() {
      return mapping.flatMap(Mapping::unmapped).isPresent() && !isOfAnotherDevice();
    }

    /**
     * Whether the mapping that holds the address is of another device. Where one of the two is not
     * named by its PCI address, as in the text that an export writes, that cannot be told.
     */
    public boolean isOfAnotherDevice() {
      return mapping
          .map(Mapping::device)
          .filter(owner -> isPci(owner) && isPci(device) && !owner.equals(device))
          .isPresent();
    }

    private static boolean isPci(String name) {
      return name.matches("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
    }
  }

  /**
   * A range was mapped while another that overlaps it was.
   *
   * @param mapping the later one
   * @param earlier the earlier one
   */
  public record MappedTwice(Mapping mapping, Mapping earlier) {}

  /**
   * Bounces of a device.
   *
   * @param device the device
   * @param count how many
   * @param bytes bytes in all
   * @param largest bytes of the largest
   * @param forced how many because bouncing is forced, the others because of the device's mask
   * @param maskBits width of the device's DMA mask
   * @param sizes bounces by size
   */
  public record Bounces(
      String device,
      long count,
      long bytes,
      long largest,
      long forced,
      int maskBits,
      SortedMap<Long, Long> sizes) {}
}
