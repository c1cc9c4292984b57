package dev.mapstorm.load.conform.driver;

import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.virtio.RequestQueue;
import dev.mapstorm.actors.model.virtio.RequestSink;
import dev.mapstorm.actors.model.virtio.ViommuDomain;
import dev.mapstorm.load.conform.JsonLine;

/** virtio-iommu. */
final class VirtioDriver extends Driver {
  private final ViommuDomain domain;
  private final RequestSink sink;

  /** With the setting of a file; {@code line} has the page sizes of the domain. */
  VirtioDriver(JsonLine setting, JsonLine line) {
    super(new CommandText(false));
    setting.only("driver", "release", "pageSizes", "domain", "endpoints", "queueSize");
    setting.unsigned("pageSizes");
    setting.integer("domain", 0, Integer.MAX_VALUE);
    domain =
        new ViommuDomain(
            new PageSizes(line.unsigned("pageSizes")),
            setting.integer("endpoints", 0, Integer.MAX_VALUE) > 0);
    sink =
        new Text(
            commands(),
            new RequestQueue(
                setting.integer(
                    "queueSize",
                    RequestQueue.DESCRIPTORS_A_REQUEST,
                    RequestQueue.MAX_DESCRIPTORS)));
  }

  @Override
  long map(long iova, long paddr, long size) {
    domain.map(iova, paddr, size, sink);
    domain.syncMap(sink);
    return 0;
  }

  @Override
  void begin(boolean queued) {}

  @Override
  long unmap(long iova, long size) {
    return domain.unmap(iova, size, sink);
  }

  @Override
  void sync() {
    domain.sync(sink);
  }

  @Override
  void flushAll() {
    domain.flushAll(sink);
  }

  @Override
  void direct(JsonLine line) {
    throw line.error("op", "not one that virtio has", line.value("op"));
  }

  private static final class Text implements RequestSink {
    private final CommandText out;
    private final RequestQueue queue;

    Text(CommandText out, RequestQueue queue) {
      this.out = out;
      this.queue = queue;
    }

    @Override
    public void map(long first, long last, long phys) {
      reserve();
      out.add("MAP", first, last, phys);
    }

    @Override
    public void unmap(long first, long last) {
      reserve();
      out.add("UNMAP", first, last);
    }

    private void reserve() {
      if (queue.full()) {
        out.add("full");
        sync();
      }
      queue.add();
    }

    @Override
    public void sync() {
      out.add("kick", queue.drain());
    }
  }
}
