package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import java.util.ArrayList;
import java.util.List;

/** How far a run came, by the last entries of its journal alone, however long it is. */
public final class JournalEnds {
  private JournalEnds() {}

  /**
   * How each host ended so far. Events are counted for hosts that reached their end only, since
   * nothing but the close of a stream counts them; bytes are not counted.
   *
   * @throws StoreException if the journal cannot be read
   */
  public static SimulationResult of(JournalReader journal) {
    List<HostResult> hosts = new ArrayList<>();
    journal.lastEntries().forEach((host, last) -> hosts.add(end(host, last)));
    return new SimulationResult(hosts);
  }

  private static HostResult end(int host, JournalEntry last) {
    if (last instanceof StreamClosed closed) {
      return new HostResult(
          host, true, closed.end(), closed.batches(), closed.events(), 0, closed.hash());
    }
    if (last instanceof EventBatch batch) {
      return new HostResult(host, false, batch.last(), batch.index() + 1, 0, 0, batch.hash());
    }
    byte[] origin = new HashChain().origin((StreamOpened) last);
    return new HostResult(host, false, 0, 0, 0, 0, origin);
  }
}
