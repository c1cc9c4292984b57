package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.BodyCursor.Mismatch;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Turns event name and body into a {@link TraceEvent}, after the {@code TP_printk} strings of Linux
 * 4.x to 7.3. Text after the fields that a record needs is not looked at. Not thread safe.
 */
final class EventParser {
  /** What libtraceevent prints of an event whose format it cannot follow, before its raw fields. */
  static final String FAILED_TO_PARSE = "[FAILED TO PARSE]";

  private static final String TRUNCATED = " [TRUNCATED]";

  /** The types of a cache tag (drivers/iommu/intel/iommu.h), where a tool prints their numbers. */
  private static final String[] CACHE_TAG_TYPES = {
    "iotlb", "devtlb", "nesting_iotlb", "nesting_devtlb"
  };

  private static final Set<String> NAMES =
      Set.of(
          "map",
          "unmap",
          "io_page_fault",
          "add_device_to_group",
          "remove_device_from_group",
          "attach_device_to_domain",
          "detach_device_from_domain",
          "dma_map_page",
          "dma_map_phys",
          "dma_map_resource",
          "dma_unmap_page",
          "dma_unmap_phys",
          "dma_unmap_resource",
          "dma_alloc",
          "dma_alloc_pages",
          "dma_alloc_sgt",
          "dma_alloc_sgt_err",
          "dma_free",
          "dma_free_pages",
          "dma_free_sgt",
          "dma_map_sg",
          "dma_map_sg_err",
          "dma_unmap_sg",
          "dma_sync_single_for_cpu",
          "dma_sync_sg_for_cpu",
          "dma_sync_single_for_device",
          "dma_sync_sg_for_device",
          "swiotlb_bounced",
          "qi_submit",
          "cache_tag_flush_range",
          "cache_tag_flush_range_np",
          "cache_tag_flush_all",
          "cache_tag_assign",
          "cache_tag_unassign",
          "map_single",
          "bounce_map_single",
          "unmap_single",
          "bounce_unmap_single",
          "map_sg",
          "bounce_map_sg",
          "unmap_sg");

  /** Why a buffer is bounced; before 4.10 {@code swiotlb_force} or nothing. */
  private static final Set<String> BOUNCED_WHY =
      Set.of("FORCE", "NORMAL", "NO_FORCE", "swiotlb_force", "");

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final BodyCursor body;
  private final RawFields raw = new RawFields();
  private final FaultLine faults = new FaultLine();

  /** Whether an event, with or without its group, is one that {@link #parse} may answer. */
  static boolean knows(String event) {
    return NAMES.contains(event.substring(event.lastIndexOf(':') + 1));
  }

  /** Reads from a cursor, which must stand at the body whenever {@link #parse} is called. */
  EventParser(BodyCursor body) {
    this.body = body;
  }

  /**
   * Reads a body.
   *
   * @param event name of the event, with or without its group
   * @return empty if the event is none of those known
   * @throws Mismatch if the body is not what the event prints
   */
  Optional<TraceEvent> parse(String event) throws Mismatch {
    if (body.accept(FAILED_TO_PARSE)) {
      return raw.parse(event, body.remaining());
    }
    int start = body.position();
    try {
      return printed(event);
    } catch (Mismatch e) {
      body.back(start);
      Optional<TraceEvent> byFields = raw.parse(event, body.remaining());
      if (byFields.isEmpty()) {
        throw e;
      }
      return byFields;
    }
  }

  /** As the kernel prints the event. */
  private Optional<TraceEvent> printed(String event) throws Mismatch {
    int colon = event.indexOf(':');
    String name = event.substring(colon + 1);
    return switch (colon < 0 ? groupOf(name) : event.substring(0, colon)) {
      case "iommu" -> iommu(name);
      case "dma" -> dma(name);
      case "swiotlb" -> name.equals("swiotlb_bounced") ? Optional.of(bounced()) : Optional.empty();
      case "intel_iommu" -> intel(name);
      case "printk" ->
          name.equals("console")
              ? faults.parse(body.remaining()).map(TraceEvent.IoPageFault::atKnownTime)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static String groupOf(String name) {
    if (name.startsWith("dma_")) {
      return "dma";
    }
    if (name.startsWith("cache_tag_")
        || name.equals("qi_submit")
        || name.endsWith("map_single")
        || name.endsWith("map_sg")) {
      return "intel_iommu";
    }
    if (name.equals("console")) {
      return "printk";
    }
    return name.startsWith("swiotlb_") ? "swiotlb" : "iommu";
  }

  private Optional<TraceEvent> iommu(String name) throws Mismatch {
    return switch (name) {
      case "map" -> Optional.of(map());
      case "unmap" -> Optional.of(unmap());
      case "io_page_fault" -> Optional.of(fault());
      case "add_device_to_group" -> Optional.of(group(true));
      case "remove_device_from_group" -> Optional.of(group(false));
      case "attach_device_to_domain" -> Optional.of(attach(true));
      case "detach_device_from_domain" -> Optional.of(attach(false));
      default -> Optional.empty();
    };
  }

  private Optional<TraceEvent> dma(String name) throws Mismatch {
    return switch (name) {
      case "dma_map_page", "dma_map_phys", "dma_map_resource" -> Optional.of(dmaMap());
      case "dma_unmap_page", "dma_unmap_phys", "dma_unmap_resource" -> Optional.of(dmaUnmap());
      case "dma_alloc", "dma_alloc_pages", "dma_alloc_sgt", "dma_alloc_sgt_err" ->
          Optional.of(dmaAlloc());
      case "dma_free", "dma_free_pages", "dma_free_sgt" -> Optional.of(dmaFree());
      case "dma_map_sg" -> Optional.of(dmaMapSg());
      case "dma_map_sg_err" -> Optional.of(dmaMapSgError());
      case "dma_unmap_sg" -> Optional.of(dmaUnmapSg());
      case "dma_sync_single_for_cpu", "dma_sync_sg_for_cpu" -> Optional.of(sync(false));
      case "dma_sync_single_for_device", "dma_sync_sg_for_device" -> Optional.of(sync(true));
      default -> Optional.empty();
    };
  }

  private Optional<TraceEvent> intel(String name) throws Mismatch {
    return switch (name) {
      case "qi_submit" -> Optional.of(qiSubmit());
      case "map_single", "bounce_map_single" -> Optional.of(intelMap());
      case "unmap_single", "bounce_unmap_single", "unmap_sg" -> Optional.of(intelUnmap());
      case "map_sg", "bounce_map_sg" -> Optional.of(intelMapSg());
      case "cache_tag_flush_range" -> Optional.of(flushRange(false));
      case "cache_tag_flush_range_np" -> Optional.of(flushRange(true));
      case "cache_tag_flush_all" -> Optional.of(flushAll());
      case "cache_tag_assign" -> Optional.of(assign(true));
      case "cache_tag_unassign" -> Optional.of(assign(false));
      default -> Optional.empty();
    };
  }

  private TraceEvent map() throws Mismatch {
    String device = iommuDevice();
    body.expect("iova=");
    long iova = body.hex();
    long length = lengthToEnd(iova);
    body.expect(" paddr=");
    long paddr = body.hex();
    long size = sizeField();
    requireLength(length, size);
    return new TraceEvent.IommuMap(device, iova, paddr, size);
  }

  private TraceEvent unmap() throws Mismatch {
    String device = iommuDevice();
    body.expect("iova=");
    long iova = body.hex();
    long length = lengthToEnd(iova);
    long size = sizeField();
    requireLength(length, size);
    body.expect(" unmapped_size=");
    return new TraceEvent.IommuUnmap(device, iova, size, body.decimal());
  }

  private String iommuDevice() throws Mismatch {
    body.expect("IOMMU:");
    body.spaces();
    if (!body.accept("dev=")) {
      return "";
    }
    String device = body.word();
    body.expect(" ");
    return device;
  }

  /** Bytes up to the end that follows, or -1 where the kernel prints none (before 5.14). */
  private long lengthToEnd(long iova) throws Mismatch {
    return body.accept(" - ") ? body.hex() - iova : -1;
  }

  private static void requireLength(long length, long size) throws Mismatch {
    if (length >= 0 && length != size) {
      throw new Mismatch("the range has " + length + " bytes, size= says " + size);
    }
  }

  private TraceEvent group(boolean added) throws Mismatch {
    body.seek("groupID=");
    int group = body.integer();
    body.expect(" device=");
    return new TraceEvent.DeviceGroup(body.word(), group, added);
  }

  private TraceEvent attach(boolean attached) throws Mismatch {
    body.seek("device=");
    return new TraceEvent.DomainAttach(body.word(), attached);
  }

  /** {@code map_single} of drivers/iommu/intel up to Linux 5.11, which had DMA calls of its own. */
  private TraceEvent intelMap() throws Mismatch {
    String device = intelDevice();
    long address = body.hex();
    body.expect(" phys_addr=");
    long paddr = body.hex();
    // The size is rounded up to pages, the offset of the address among them is not taken off.
    long bytes = Math.max(1, sizeField() - Granule.offset(address));
    return new TraceEvent.DmaMap(device, Direction.BIDIRECTIONAL, address, bytes, paddr);
  }

  private TraceEvent intelUnmap() throws Mismatch {
    String device = intelDevice();
    long address = body.hex();
    return new TraceEvent.DmaUnmap(device, Direction.BIDIRECTIONAL, address, sizeField());
  }

  private TraceEvent intelMapSg() throws Mismatch {
    body.expect("dev=");
    String device = device();
    body.expect("[");
    int number = body.integer();
    body.expect("/");
    int of = body.integer();
    body.expect("] dev_addr=");
    long address = body.hex();
    body.expect(" phys_addr=");
    long paddr = body.hex();
    return new TraceEvent.IntelMapSegment(device, number, of, address, sizeField(), paddr);
  }

  private String intelDevice() throws Mismatch {
    body.expect("dev=");
    String device = device();
    body.expect("dev_addr=");
    return device;
  }

  private TraceEvent fault() throws Mismatch {
    body.expect("IOMMU:");
    body.spaces();
    String driver = body.word();
    body.expect(" ");
    String device = body.word();
    body.seek(" iova=");
    long iova = body.hex();
    body.expect(" flags=");
    return new TraceEvent.IoPageFault(driver, device, iova, (int) body.hex(), true);
  }

  private String device() throws Mismatch {
    String device = body.word();
    body.expect(" ");
    return device;
  }

  private Direction directionField() throws Mismatch {
    body.expect("dir=");
    Direction direction = body.direction();
    body.expect(" ");
    return direction;
  }

  private Direction optionalDirectionField() throws Mismatch {
    if (!body.accept("dir=")) {
      return Direction.BIDIRECTIONAL;
    }
    Direction direction = body.direction();
    body.expect(" ");
    return direction;
  }

  private long dmaAddressField() throws Mismatch {
    body.expect("dma_addr=");
    return body.hex();
  }

  private long sizeField() throws Mismatch {
    body.expect(" size=");
    return body.decimal();
  }

  private TraceEvent dmaMap() throws Mismatch {
    String device = device();
    Direction direction = directionField();
    long address = dmaAddressField();
    long size = sizeField();
    body.expect(" phys_addr=");
    long paddr = body.hex();
    body.expect(" attrs=");
    return new TraceEvent.DmaMap(device, direction, address, size, paddr);
  }

  private TraceEvent dmaUnmap() throws Mismatch {
    String device = device();
    Direction direction = directionField();
    long address = dmaAddressField();
    long size = sizeField();
    body.expect(" attrs=");
    return new TraceEvent.DmaUnmap(device, direction, address, size);
  }

  private TraceEvent dmaAlloc() throws Mismatch {
    String device = device();
    Direction direction = optionalDirectionField();
    long address = dmaAddressField();
    long size = sizeField();
    // A failed call prints the null pointer that it answers; others are hashed, so never all zeros.
    boolean failed =
        address == TraceEvent.MAPPING_ERROR
            || body.accept(" virt_addr=") && (body.accept("(null)") || body.isZeros());
    return new TraceEvent.DmaAlloc(device, direction, address, size, failed);
  }

  private TraceEvent dmaFree() throws Mismatch {
    String device = device();
    optionalDirectionField();
    long address = dmaAddressField();
    return new TraceEvent.DmaFree(device, address, sizeField());
  }

  private TraceEvent dmaMapSg() throws Mismatch {
    String device = device();
    Direction direction = directionField();
    int inputs = -1;
    int outputs = -1;
    if (body.accept("nents=")) {
      inputs = total();
      body.expect(" ents=");
      outputs = total();
      body.accept(TRUNCATED);
      body.expect(" ");
    }
    body.expect("dma_addrs=");
    long[] addresses = body.list();
    body.expect(" sizes=");
    long[] sizes = body.list();
    body.expect(" phys_addrs=");
    long[] paddrs = body.list();
    body.expect(" attrs=");
    if (addresses.length != sizes.length) {
      throw new Mismatch(addresses.length + " dma_addrs but " + sizes.length + " sizes");
    }
    return new TraceEvent.DmaMapSg(
        device,
        direction,
        addresses,
        sizes,
        paddrs,
        Math.max(inputs, paddrs.length),
        Math.max(outputs, addresses.length));
  }

  /** Takes {@code traced/total} and answers the total. */
  private int total() throws Mismatch {
    body.integer();
    body.expect("/");
    return body.integer();
  }

  private TraceEvent dmaMapSgError() throws Mismatch {
    String device = device();
    Direction direction = directionField();
    body.seek("dma_addrs=");
    long[] paddrs = body.list();
    body.expect(" err=");
    return new TraceEvent.DmaMapSgError(device, direction, paddrs, body.integer());
  }

  private TraceEvent dmaUnmapSg() throws Mismatch {
    String device = device();
    Direction direction = directionField();
    body.expect("phys_addrs=");
    long[] paddrs = body.list();
    body.expect(" attrs=");
    return new TraceEvent.DmaUnmapSg(device, direction, paddrs);
  }

  private TraceEvent sync(boolean forDevice) throws Mismatch {
    String device = device();
    Direction direction = directionField();
    if (body.accept("dma_addrs=")) {
      long[] addresses = body.list();
      if (addresses.length == 0) {
        throw new Mismatch("an empty list is synchronised");
      }
      return new TraceEvent.DmaSync(device, direction, forDevice, addresses[0], 0);
    }
    long address = dmaAddressField();
    return new TraceEvent.DmaSync(device, direction, forDevice, address, sizeField());
  }

  private TraceEvent bounced() throws Mismatch {
    body.expect("dev_name: ");
    String device = device();
    body.expect("dma_mask=");
    long mask = body.hex();
    body.expect(" dev_addr=");
    long paddr = body.hex();
    long size = sizeField();
    String why = BLANKS.split(body.remaining().strip(), 2)[0];
    if (!BOUNCED_WHY.contains(why)) {
      throw new Mismatch("expected FORCE or NORMAL, not " + TextLines.excerpt(why));
    }
    boolean forced = why.equals("FORCE") || why.equals("swiotlb_force");
    return new TraceEvent.SwiotlbBounced(device, mask, paddr, size, forced);
  }

  private TraceEvent qiSubmit() throws Mismatch {
    String type = device();
    String unit = body.until(':');
    body.expect(":");
    long[] words = new long[4];
    for (int i = 0; i < words.length; i++) {
      body.expect(" ");
      words[i] = body.hex();
    }
    return new TraceEvent.QiSubmit(type, unit, words[0], words[1], words[2], words[3]);
  }

  private TraceEvent flushRange(boolean notPresent) throws Mismatch {
    String unit = unitOf(body.word());
    body.seek(" type ");
    String type = cacheTagType();
    body.expect("did ");
    int domainId = body.integer();
    body.expect(" [");
    long start = body.hex();
    body.expect("-");
    long last = body.hex();
    body.expect("] addr ");
    long address = body.hex();
    body.seek(" mask ");
    return TraceEvent.CacheTagFlushRange.of(
        unit, type, domainId, start, last, address, (int) body.hex(), notPresent);
  }

  private TraceEvent flushAll() throws Mismatch {
    String unit = unitOf(body.word());
    body.expect(" type ");
    String type = cacheTagType();
    body.expect("did ");
    return new TraceEvent.CacheTagFlushAll(unit, type, body.integer());
  }

  private TraceEvent assign(boolean assigned) throws Mismatch {
    String pair = body.word();
    String unit = unitOf(pair);
    body.expect(" type ");
    String type = cacheTagType();
    body.expect("did ");
    String device = pair.substring(Math.min(unit.length() + 1, pair.length()));
    return new TraceEvent.CacheTagAssign(unit, device, type, body.integer(), assigned);
  }

  /** Tools that do not know the enum print its number. */
  private String cacheTagType() throws Mismatch {
    String type = device();
    int number = type.startsWith("0x") && type.length() == 3 ? type.charAt(2) - '0' : -1;
    return cacheTagType(number).orElse(type);
  }

  /** A type of cache tag by its number. */
  static Optional<String> cacheTagType(int number) {
    return number >= 0 && number < CACHE_TAG_TYPES.length
        ? Optional.of(CACHE_TAG_TYPES[number])
        : Optional.empty();
  }

  private static String unitOf(String pair) {
    int slash = pair.indexOf('/');
    return slash < 0 ? pair : pair.substring(0, slash);
  }
}
