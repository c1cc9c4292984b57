package dev.mapstorm.load.export.timeline;

import dev.mapstorm.persistence.inflight.RequestKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The requests of a host that are on their way. Not thread-safe. */
final class Requests {
  private final Map<Long, Request> byKey = new HashMap<>();

  /** A request, whether or not anything is known of it. */
  Request of(int client, long op) {
    return byKey.computeIfAbsent(RequestKey.of(client, op), key -> new Request());
  }

  /** A request that something is known of. */
  Optional<Request> find(int client, long op) {
    return Optional.ofNullable(byKey.get(RequestKey.of(client, op)));
  }

  /** Forgets it if it is over. */
  void settle(int client, long op) {
    find(client, op).filter(Request::isOver).ifPresent(request -> forget(client, op));
  }

  /** Forgets it. */
  void forget(int client, long op) {
    byKey.remove(RequestKey.of(client, op));
  }
}
