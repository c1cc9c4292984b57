package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.util.Set;

/**
 * Says of any event whose it is: its client, request, CPU or domain, which it names itself or by
 * its call or ticket. Not thread-safe.
 */
public final class Attribution {
  /** What is known of a call. */
  private static final Set<String> OF_CALL = Set.of("client", "op", "cpu");

  private static final EventArgument DOMAIN = EventArgument.named("domain");
  private static final EventArgument CALL = EventArgument.named("call");
  private static final EventArgument IOMMU = EventArgument.named("iommu");
  private static final EventArgument TICKET = EventArgument.named("ticket");

  private final InFlight inFlight;

  /** By what {@code inFlight} knows; feed it each event first. */
  public Attribution(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /** Whether {@link #get} can have an answer for events of a kind. */
  public static boolean isOf(EventKind kind, EventArgument argument) {
    boolean byCall = CALL.isOf(kind) && OF_CALL.contains(argument.name());
    boolean byTicket =
        TICKET.isOf(kind) && (OF_CALL.contains(argument.name()) || argument.equals(DOMAIN));
    return argument.isOf(kind) || byCall || byTicket;
  }

  /** The value of an argument for an event that was just fed; -1 if there is none. */
  public long get(EventCursor event, EventArgument argument) {
    if (event.has(argument)) {
      return event.get(argument);
    }
    if (event.has(CALL)) {
      return of(inFlight.call((int) event.get(DOMAIN), event.get(CALL)), argument.name());
    }
    if (event.has(TICKET)) {
      Invalidation of = inFlight.invalidation((int) event.get(IOMMU), event.get(TICKET));
      return argument.equals(DOMAIN) ? of.domain() : of(of.call(), argument.name());
    }
    return -1;
  }

  private static long of(Call call, String argument) {
    return switch (argument) {
      case "client" -> call.client();
      case "op" -> call.op();
      case "cpu" -> call.cpu();
      default -> -1;
    };
  }
}
