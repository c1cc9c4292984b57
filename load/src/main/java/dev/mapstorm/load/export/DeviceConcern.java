package dev.mapstorm.load.export;

import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.Column;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;

/**
 * Which events concern a device: those that name one of its clients; of the others those that name
 * it; of the others those that name its domain, or a lock of its domain, whoever else is in that
 * domain. What names none of these (a wait for a unit's {@code q_lock}, stolen time of a CPU)
 * concerns every device.
 */
final class DeviceConcern {
  private final int device;
  private final RunOutline run;
  private final int[] clientColumn = new int[EventKind.CODES];
  private final int[] deviceColumn = new int[EventKind.CODES];
  private final int[] domainColumn = new int[EventKind.CODES];
  private final int[] instanceColumn = new int[EventKind.CODES];

  DeviceConcern(int device, RunOutline run) {
    this.device = device;
    this.run = run;
    for (EventKind kind : EventKind.values()) {
      clientColumn[kind.code()] = column(kind, "client");
      deviceColumn[kind.code()] = column(kind, "device");
      domainColumn[kind.code()] = column(kind, "domain");
      instanceColumn[kind.code()] = column(kind, "instance");
    }
  }

  private static int column(EventKind kind, String name) {
    return kind.columns().stream().map(Column::name).toList().indexOf(name);
  }

  /** Whether the event where {@code event} stands does. */
  boolean test(EventCursor event) {
    int code = event.kind().code();
    if (clientColumn[code] >= 0) {
      return run.deviceOf((int) event.argument(clientColumn[code])) == device;
    }
    if (deviceColumn[code] >= 0) {
      return event.argument(deviceColumn[code]) == device;
    }
    int domain = run.domains().get(device);
    if (domainColumn[code] >= 0) {
      return event.argument(domainColumn[code]) == domain;
    }
    if (instanceColumn[code] >= 0) {
      // Column 0 of both kinds that have an instance is the lock.
      boolean ofUnit = event.argument(0) == LockClass.INVALIDATION_QUEUE.ordinal();
      return ofUnit || LockClass.owner((int) event.argument(instanceColumn[code])) == domain;
    }
    return true;
  }
}
