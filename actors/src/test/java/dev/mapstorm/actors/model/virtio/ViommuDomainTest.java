package dev.mapstorm.actors.model.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.pagetable.PageSizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ViommuDomainTest {
  /** The oracle is the device: it keeps every page that a MAP named until an UNMAP names it. */
  @Property(tries = 200)
  void theDeviceHasTheMappingsThatTheDriverMade(@ForAll long seed) {
    Random random = new Random(seed);
    Device device = new Device(8);
    ViommuDomain domain = new ViommuDomain(new PageSizes(PageSizes.VTD_4K_2M_1G), true);
    TreeMap<Long, Long> made = new TreeMap<>();
    TreeMap<Long, Long> pages = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      if (made.isEmpty() || random.nextInt(3) > 0) {
        long pfn = random.nextInt(4096);
        long count = 1 + random.nextInt(random.nextBoolean() ? 4 : 700);
        if (pages.ceilingKey(pfn) != null && pages.ceilingKey(pfn) < pfn + count) {
          continue;
        }
        long phys = random.nextInt(1 << 20);
        domain.map(pfn << 12, phys << 12, count << 12, device);
        domain.syncMap(device);
        made.put(pfn, count);
        for (long page = 0; page < count; page++) {
          pages.put(pfn + page, phys + page);
        }
      } else {
        Long pfn = made.ceilingKey((long) random.nextInt(4096));
        pfn = pfn == null ? made.firstKey() : pfn;
        long count = made.remove(pfn);
        assertThat(domain.unmap(pfn << 12, count << 12, device)).isEqualTo(count << 12);
        domain.sync(device);
        pages.subMap(pfn, pfn + count).clear();
      }
      assertThat(device.pages).isEqualTo(pages);
    }
  }

  @Test
  void aMappingIsNotSplit() {
    Device device = new Device(64);
    ViommuDomain domain = new ViommuDomain(new PageSizes(1L << 12 | 1L << 21), true);
    domain.map(0x200000, 0x400000, 0x200000, device);

    assertThat(domain.unmap(0x300000, 0x1000, device)).isZero();
    assertThat(domain.unmap(0x200000, 0x1000, device)).isEqualTo(0x200000);
    assertThat(domain.mappings()).isZero();
  }

  @Test
  void withoutAnEndpointNothingIsSentButASyncOfAnUnmapping() {
    Device device = new Device(64);
    ViommuDomain domain = new ViommuDomain(new PageSizes(1L << 12), false);
    domain.map(0x1000, 0x1000, 0x1000, device);
    domain.syncMap(device);
    domain.flushAll(device);
    assertThat(device.kicks).isEmpty();

    assertThat(domain.unmap(0x1000, 0x1000, device)).isEqualTo(0x1000);
    domain.sync(device);
    assertThat(device.kicks).containsExactly(0);
  }

  private static final class Device implements RequestSink {
    private final RequestQueue queue;
    private final Map<Long, Long> pages = new TreeMap<>();
    private final List<Runnable> queued = new ArrayList<>();
    private final List<Integer> kicks = new ArrayList<>();

    Device(int descriptors) {
      queue = new RequestQueue(descriptors);
    }

    @Override
    public void map(long first, long last, long phys) {
      queue(
          () -> {
            for (long at = first; at < last; at += 4096) {
              pages.put(at >>> 12, phys + at - first >>> 12);
            }
          });
    }

    @Override
    public void unmap(long first, long last) {
      queue(
          () -> {
            for (long at = first; at < last; at += 4096) {
              pages.remove(at >>> 12);
            }
          });
    }

    private void queue(Runnable request) {
      if (queue.full()) {
        sync();
      }
      queue.add();
      queued.add(request);
    }

    @Override
    public void sync() {
      int requests = queue.drain();
      assertThat(requests).isEqualTo(queued.size());
      kicks.add(requests);
      queued.forEach(Runnable::run);
      queued.clear();
    }
  }
}
