package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.event.StreamId;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/** Names of hosts as sharded entities: those of their streams. */
final class HostKey {
  static final EntityTypeKey<HostOrder> TYPE = EntityTypeKey.create(HostOrder.class, "host");

  private HostKey() {}

  static String of(String run, int host) {
    return new StreamId(run, host).text();
  }
}
