package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;

/** The smallest entity: persists the entries that it is told and counts them. */
final class EntryWriter extends EventSourcedBehavior<EntryWriter.Write, JournalEntry, Long> {
  record Write(JournalEntry entry, ActorRef<Long> written) {}

  EntryWriter(StreamId stream) {
    super(PersistenceId.ofUniqueId(stream.text()));
  }

  /** Persists all entries through an actor on {@code system} and waits until they are written. */
  static void write(ActorSystem<?> system, StreamId stream, List<? extends JournalEntry> entries)
      throws Exception {
    write(system, stream, entries, Duration.ofSeconds(10));
  }

  /** The same, and gives each of them up after {@code patience}. */
  static void write(
      ActorSystem<?> system,
      StreamId stream,
      List<? extends JournalEntry> entries,
      Duration patience)
      throws Exception {
    ActorRef<Write> writer =
        system.systemActorOf(new EntryWriter(stream), "writer-" + UUID.randomUUID(), Props.empty());
    for (JournalEntry entry : entries) {
      AskPattern.<Write, Long>ask(writer, to -> new Write(entry, to), patience, system.scheduler())
          .toCompletableFuture()
          .get(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public Long emptyState() {
    return 0L;
  }

  @Override
  public CommandHandler<Write, JournalEntry, Long> commandHandler() {
    return (count, write) ->
        Effect().persist(write.entry()).thenRun(now -> write.written().tell(now));
  }

  @Override
  public EventHandler<Long, JournalEntry> eventHandler() {
    return (count, entry) -> count + 1;
  }
}
