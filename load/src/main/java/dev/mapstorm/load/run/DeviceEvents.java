package dev.mapstorm.load.run;

import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.util.BitSet;

/**
 * Which events concern a device: those of one of its clients, by their call if they have one; of
 * the others those that name it; of the others those that name its domain, such as the work of the
 * flush queue's timer, or are sums of a lock of its domain, whoever else is in that domain. Sums of
 * a unit's {@code q_lock} concern every device.
 */
public final class DeviceEvents {
  private static final EventArgument CLIENT = EventArgument.named("client");
  private static final EventArgument DEVICE = EventArgument.named("device");
  private static final EventArgument DOMAIN = EventArgument.named("domain");
  private static final EventArgument LOCK = EventArgument.named("lock");
  private static final EventArgument INSTANCE = EventArgument.named("instance");

  /** Codes of the kinds that name neither a client nor a device. */
  private static final BitSet WITHOUT_NAME = new BitSet();

  static {
    for (EventKind kind : EventKind.values()) {
      WITHOUT_NAME.set(kind.code(), !CLIENT.isOf(kind) && !DEVICE.isOf(kind));
    }
  }

  private final int device;
  private final int domain;
  private final BitSet clients = new BitSet();

  /** For a device of a run. */
  public DeviceEvents(int device, RunOutline run) {
    this.device = device;
    domain = run.domains().get(device);
    for (int client = 0; client < run.clients().size(); client++) {
      clients.set(client, run.deviceOf(client) == device);
    }
  }

  /** Whether the event where {@code event} stands does; {@code attribution} knows it. */
  public boolean test(EventCursor event, Attribution attribution) {
    long client = attribution.get(event, CLIENT);
    if (client >= 0) {
      return clients.get((int) client);
    }
    if (event.has(DEVICE)) {
      return event.get(DEVICE) == device;
    }
    long of = attribution.get(event, DOMAIN);
    if (of >= 0) {
      return of == domain;
    }
    if (event.has(INSTANCE)) {
      boolean ofUnit = LockClass.of((int) event.get(LOCK)).ofUnit();
      return ofUnit || LockClass.owner((int) event.get(INSTANCE)) == domain;
    }
    return true;
  }

  /**
   * Whether a batch can hold an event that does; if not, it need not be read.
   *
   * @param kinds codes of the kinds that are looked for
   */
  public boolean canBeIn(BatchSummary batch, BitSet kinds) {
    if (batch.devices().get(device) || batch.clients().intersects(clients)) {
      return true;
    }
    BitSet others = (BitSet) kinds.clone();
    others.and(WITHOUT_NAME);
    return batch.kinds().intersects(others);
  }
}
