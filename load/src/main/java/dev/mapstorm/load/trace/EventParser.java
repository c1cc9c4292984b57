package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.BodyCursor.Mismatch;
import dev.mapstorm.protocol.Direction;
import java.util.Optional;

/**
 * Turns event name and body into a {@link TraceEvent}, after the {@code TP_printk} strings of Linux
 * 5.10 to 7.0. Text behind the fields that a record needs is not looked at. Not thread safe.
 */
final class EventParser {
  private static final String TRUNCATED = " [TRUNCATED]";

  private final BodyCursor body;

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
    int colon = event.indexOf(':');
    String name = event.substring(colon + 1);
    return switch (colon < 0 ? groupOf(name) : event.substring(0, colon)) {
      case "iommu" -> iommu(name);
      case "dma" -> dma(name);
      case "swiotlb" -> name.equals("swiotlb_bounced") ? Optional.of(bounced()) : Optional.empty();
      case "intel_iommu" -> intel(name);
      default -> Optional.empty();
    };
  }

  private static String groupOf(String name) {
    if (name.startsWith("dma_")) {
      return "dma";
    }
    if (name.startsWith("cache_tag_") || name.equals("qi_submit")) {
      return "intel_iommu";
    }
    return name.startsWith("swiotlb_") ? "swiotlb" : "iommu";
  }

  private Optional<TraceEvent> iommu(String name) throws Mismatch {
    return switch (name) {
      case "map" -> Optional.of(map());
      case "unmap" -> Optional.of(unmap());
      case "io_page_fault" -> Optional.of(fault());
      default -> Optional.empty();
    };
  }

  private Optional<TraceEvent> dma(String name) throws Mismatch {
    return switch (name) {
      case "dma_map_page", "dma_map_phys", "dma_map_resource" -> Optional.of(dmaMap());
      case "dma_unmap_page", "dma_unmap_phys", "dma_unmap_resource" -> Optional.of(dmaUnmap());
      case "dma_alloc", "dma_alloc_pages", "dma_alloc_sgt" -> Optional.of(dmaAlloc());
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
    long iova = iova();
    body.expect(" paddr=");
    long paddr = body.hex();
    body.expect(" size=");
    return new TraceEvent.IommuMap(device, iova, paddr, body.decimal());
  }

  private TraceEvent unmap() throws Mismatch {
    String device = iommuDevice();
    long iova = iova();
    body.expect(" size=");
    long size = body.decimal();
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

  private long iova() throws Mismatch {
    body.expect("iova=");
    long iova = body.hex();
    if (body.accept(" - ")) {
      body.hex();
    }
    return iova;
  }

  private TraceEvent fault() throws Mismatch {
    body.expect("IOMMU:");
    String driver = body.word();
    body.expect(" ");
    String device = body.word();
    body.seek(" iova=");
    long iova = body.hex();
    body.expect(" flags=");
    return new TraceEvent.IoPageFault(driver, device, iova, (int) body.hex());
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
    return new TraceEvent.DmaAlloc(device, direction, address, sizeField());
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
      return new TraceEvent.DmaSync(device, direction, forDevice, addresses[0]);
    }
    return new TraceEvent.DmaSync(device, direction, forDevice, dmaAddressField());
  }

  private TraceEvent bounced() throws Mismatch {
    body.expect("dev_name: ");
    String device = device();
    body.expect("dma_mask=");
    body.hex();
    body.expect(" dev_addr=");
    long paddr = body.hex();
    long size = sizeField();
    body.expect(" ");
    return new TraceEvent.SwiotlbBounced(device, paddr, size, body.word().equals("FORCE"));
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
    String type = device();
    body.expect("did ");
    int domainId = body.integer();
    body.expect(" [");
    long start = body.hex();
    body.expect("-");
    long last = body.hex();
    body.expect("] addr ");
    long address = body.hex();
    body.seek(" mask ");
    return new TraceEvent.CacheTagFlushRange(
        unit, type, domainId, start, last, address, (int) body.hex(), notPresent);
  }

  private TraceEvent flushAll() throws Mismatch {
    String unit = unitOf(body.word());
    body.expect(" type ");
    String type = device();
    body.expect("did ");
    return new TraceEvent.CacheTagFlushAll(unit, type, body.integer());
  }

  private TraceEvent assign(boolean assigned) throws Mismatch {
    String pair = body.word();
    String unit = unitOf(pair);
    body.expect(" type ");
    String type = device();
    body.expect("did ");
    String device = pair.substring(Math.min(unit.length() + 1, pair.length()));
    return new TraceEvent.CacheTagAssign(unit, device, type, body.integer(), assigned);
  }

  private static String unitOf(String pair) {
    int slash = pair.indexOf('/');
    return slash < 0 ? pair : pair.substring(0, slash);
  }
}
