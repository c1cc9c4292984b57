package dev.mapstorm.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.ProgramSystem;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The coordinator without a cluster around it: it knows what its journal tells and journals what it
 * is told, but its orders reach no host. For a cluster of which no node runs; with {@link
 * WriterClaims#NONE} it can only be asked, also while nodes run. Thread-safe; to be closed.
 */
public final class OfflineCoordinator implements AutoCloseable {
  /** A claim may wait this long for a writer that is gone. */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final Duration NEVER = Duration.ofDays(1);

  private final CompletableFuture<CoordinatorReply> ended = new CompletableFuture<>();
  private final ActorSystem<CoordinatorMessage> system;

  private OfflineCoordinator(Config journal, WriterClaims claims, LongSupplier wallNs) {
    CoordinatorSetup nowhere =
        new CoordinatorSetup((host, order) -> {}, 1, NEVER, wallNs, new AtomicLong(), this::end);
    Config config =
        journal.withFallback(ProgramSystem.CONFIG).withFallback(ConfigFactory.load()).resolve();
    system =
        ActorSystem.create(
            CoordinatorKeeper.create(nowhere, claims, StorePatience.DEFAULT),
            NodeSpec.SYSTEM,
            config);
  }

  private void end(String why) {
    ended.completeExceptionally(new IllegalStateException(why));
  }

  /**
   * Lets it recover.
   *
   * @param journal configuration of the store
   * @param claims to its stream
   * @param wallNs a monotonic clock
   */
  public static OfflineCoordinator start(Config journal, WriterClaims claims, LongSupplier wallNs) {
    return new OfflineCoordinator(journal, claims, wallNs);
  }

  /**
   * Asks it, or tells it something.
   *
   * @param question is made with the text of the reference that waits for the answer
   * @return fails if the store does not let it answer in time, or a coordinator of nodes is at work
   */
  public CompletionStage<CoordinatorReply> ask(Function<String, CoordinatorMessage> question) {
    ActorRefResolver refs = ActorRefResolver.get(system);
    return AskPattern.ask(
            system,
            (ActorRef<CoordinatorReply> replyTo) ->
                question.apply(refs.toSerializationFormat(replyTo)),
            ANSWER,
            system.scheduler())
        .applyToEither(ended, Function.identity());
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
