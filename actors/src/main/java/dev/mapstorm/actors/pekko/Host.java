package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.host.UnreadableCheckpointException;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * One simulated machine as an event-sourced entity. It spawns the machine's actors on a lane, takes
 * their events batch by batch, persists each, and gives the buffer back, which is the credit that
 * lets the machine's clock run on.
 *
 * <ul>
 *   <li>{@link Start} follows recovery. A new stream is opened ({@link StreamOpened}) and the
 *       machine set going; one that was interrupted goes on: from the last checkpoint the machine
 *       is executed again, its batches are held against those of the journal ({@link Reexecution}),
 *       and from the first that the journal does not have on they are persisted.
 *   <li>{@link BatchReady} comes from the lane; the batch is encoded and hashed here, off the lane,
 *       and persisted as one {@link EventBatch}. A checkpoint that came with it is stored behind
 *       it.
 *   <li>{@link Ended} comes from the lane behind the last batch; a run that ended by itself is
 *       closed with {@link StreamClosed}.
 * </ul>
 *
 * <p>The state is what is needed to go on writing: the hash so far, the sums, and the last
 * checkpoint. A store that fails stops the entity, and its {@link HostKeeper} begins it anew.
 */
public final class Host extends EventSourcedBehavior<Host.Command, JournalEntry, Host.State> {

  /** What the entity hears. */
  public sealed interface Command permits Start, BatchReady, Ended, Stop {}

  /** Begin the run, or go on with it; the entity says it to itself. */
  record Start() implements Command {}

  /** Stop at the next message and keep what was journaled. */
  public record Stop() implements Command {}

  /** A full buffer of events from the lane, and the machine behind them if it was stored. */
  record BatchReady(EventWords events, Optional<byte[]> machine) implements Command {}

  /** The clock will not step again. */
  record Ended(HostClock.Step how, long at) implements Command {}

  /**
   * What was journaled so far.
   *
   * @param opened whether the stream is open
   * @param closed its close, once it has one
   * @param hash of the last batch
   * @param batches journaled
   * @param events journaled
   * @param bytes of payloads journaled
   * @param checkpoint the one that recovery begins with, or that belongs behind the last batch; it
   *     is not kept longer than it is needed, since it may be large
   */
  public record State(
      boolean opened,
      Optional<StreamClosed> closed,
      byte[] hash,
      long batches,
      long events,
      long bytes,
      Optional<StreamCheckpoint> checkpoint) {

    static State at(StreamCheckpoint checkpoint) {
      return new State(
          true,
          Optional.empty(),
          checkpoint.hash(),
          checkpoint.batches(),
          checkpoint.events(),
          checkpoint.bytes(),
          Optional.of(checkpoint));
    }

    boolean isAtCheckpoint() {
      return checkpoint.isPresent() && checkpoint.get().batches() == batches;
    }
  }

  /** Where a host reports to. Called from the entity's threads and from the lane. */
  public interface Listener {
    /** The machine runs; its virtual time can be read from {@code clock} from now on. */
    void started(HostClock clock);

    /** So many events, in so many bytes of payload, are in the journal. */
    void journaled(long events, long bytes);

    /** A checkpoint could not be stored; the run goes on without it. */
    void checkpointFailed(Throwable cause);

    /** The run is over. */
    void ended(HostResult result);

    /** The run cannot go on. */
    void failed(Throwable cause);
  }

  /**
   * What a host is made from.
   *
   * @param id of its stream in the journal
   * @param spec of the machine
   * @param lane that runs it
   * @param scenario text to keep with the stream
   * @param version of the writer
   * @param observer sees its batches, also those that are executed again
   * @param listener hears how it goes
   */
  public record Setup(
      PersistenceId id,
      HostSpec spec,
      int lane,
      String scenario,
      String version,
      BatchObserver observer,
      Listener listener) {}

  private final ActorContext<Command> context;
  private final ActorRef<Command> self;
  private final Setup setup;
  private final HashChain chain = new HashChain();
  private final ColumnEncoder encoder = new ColumnEncoder();
  private Machine machine;

  /** Checks what recovery reads, from the checkpoint on if it begins with one. */
  private StreamVerifier verifier = new StreamVerifier();

  /** Hashes of the batches behind the checkpoint that recovery began with; later ones are not. */
  private final List<byte[]> recovered = new ArrayList<>();

  private final Lane.EndListener end =
      new Lane.EndListener() {
        @Override
        public void ended(HostClock.Step how) {
          self.tell(new Ended(how, machine.clock().now()));
        }

        @Override
        public void failed(RuntimeException cause) {
          setup.listener().failed(cause);
        }
      };

  private boolean recovering = true;
  private byte[] origin = {};
  private Reexecution past;

  /** The machine behind the batch that is being persisted, if it comes with a checkpoint. */
  private Optional<StreamCheckpoint> pending = Optional.empty();

  private Host(ActorContext<Command> context, Setup setup) {
    super(setup.id());
    this.context = context;
    this.setup = setup;
    self = context.getSelf();
    machine = newMachine();
  }

  private Machine newMachine() {
    return new Machine(
        context,
        setup.spec(),
        setup.lane(),
        (events, checkpoint) -> self.tell(new BatchReady(events, checkpoint)),
        setup.listener()::checkpointFailed);
  }

  /** The behaviour of a host; spawn it off the lanes. */
  public static Behavior<Command> create(Setup setup) {
    return Behaviors.setup(context -> new Host(context, setup));
  }

  @Override
  public State emptyState() {
    return new State(false, Optional.empty(), new byte[HashChain.BYTES], 0, 0, 0, Optional.empty());
  }

  @Override
  public CommandHandler<Command, JournalEntry, State> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Start.class, this::start)
        .onCommand(BatchReady.class, this::batch)
        .onCommand(Ended.class, this::end)
        .onCommand(Stop.class, this::stop)
        .build();
  }

  @Override
  public EventHandler<State, JournalEntry> eventHandler() {
    return (state, entry) -> {
      if (recovering) {
        verifier.accept(entry);
      }
      if (entry instanceof StreamOpened opened) {
        byte[] hash = chain.origin(opened);
        return new State(true, Optional.empty(), hash, 0, 0, 0, Optional.empty());
      } else if (entry instanceof EventBatch batch) {
        return behind(state, batch);
      } else if (entry instanceof StreamClosed closed) {
        return new State(
            true,
            Optional.of(closed),
            state.hash(),
            state.batches(),
            state.events(),
            state.bytes(),
            state.checkpoint());
      }
      return state;
    };
  }

  private State behind(State state, EventBatch batch) {
    if (recovering) {
      recovered.add(batch.hash());
    }
    return new State(
        true,
        state.closed(),
        batch.hash(),
        state.batches() + 1,
        state.events() + batch.count(),
        state.bytes() + batch.payload().length,
        recovering ? state.checkpoint() : pending);
  }

  @Override
  public boolean shouldSnapshot(State state, JournalEntry entry, long sequenceNumber) {
    return entry instanceof EventBatch && state.isAtCheckpoint();
  }

  /** What is stored as a snapshot is the checkpoint. */
  @Override
  public SnapshotAdapter<State> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(State state) {
        return state.checkpoint().orElseThrow();
      }

      @Override
      public State fromJournal(Object stored) {
        StreamCheckpoint checkpoint = (StreamCheckpoint) stored;
        verifier = new StreamVerifier(checkpoint.position());
        return State.at(checkpoint);
      }
    };
  }

  @Override
  public SignalHandler<State> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.class,
            (state, signal) -> {
              recovering = false;
              context.getSelf().tell(new Start());
            })
        .onSignal(
            SnapshotFailed.class,
            (state, signal) -> setup.listener().checkpointFailed(signal.getFailure()))
        .onSignal(ChildFailed.class, (state, signal) -> setup.listener().failed(signal.getCause()))
        .onSignal(PostStop.class, (state, signal) -> machine.stop())
        .build();
  }

  private StreamOpened opening() {
    HostSpec spec = setup.spec();
    return new StreamOpened(spec.host(), spec.seed(), setup.scenario(), setup.version());
  }

  private Effect<JournalEntry, State> start(State state, Start command) {
    StreamOpened opening = opening();
    origin = chain.origin(opening);
    if (!state.opened()) {
      past = new Reexecution(chain, encoder, 0, origin, 0, List.of());
      return Effect().persist(opening).thenRun((State now) -> begin());
    }
    setup.listener().journaled(state.events(), state.bytes());
    if (state.closed().isPresent()) {
      return Effect().none().thenRun((State now) -> ended(now, true, now.closed().get().end()));
    }
    return Effect().none().thenRun(this::resume);
  }

  private void begin() {
    machine.begin(end);
    setup.listener().started(machine.clock());
  }

  private void resume(State state) {
    List<byte[]> known = List.copyOf(recovered);
    recovered.clear();
    if (state.checkpoint().isPresent()) {
      StreamCheckpoint from = state.checkpoint().get();
      try {
        machine.resume(from.machine(), end);
        past = new Reexecution(chain, encoder, from.batches(), from.hash(), from.batches(), known);
        setup.listener().started(machine.clock());
        return;
      } catch (UnreadableCheckpointException e) {
        context.getLog().info("{}: executing from the beginning instead", e.getMessage());
        machine = newMachine();
        List<byte[]> withCheckpoint = new ArrayList<>(List.of(from.hash()));
        withCheckpoint.addAll(known);
        past = new Reexecution(chain, encoder, 0, origin, from.batches() - 1, withCheckpoint);
      }
    } else {
      past = new Reexecution(chain, encoder, 0, origin, 0, known);
    }
    begin();
  }

  private Effect<JournalEntry, State> batch(State state, BatchReady ready) {
    EventWords events = ready.events();
    if (past.isUnderWay()) {
      setup.observer().batch(events, past.take(setup.spec().host(), events));
      machine.giveBack(events);
      return Effect().none();
    }
    byte[] payload = encoder.encode(events);
    EventBatch batch = chain.seal(state.hash(), state.batches(), events, payload);
    pending = ready.machine().map(bytes -> checkpoint(state, batch, bytes));
    return Effect()
        .persist(batch)
        .thenRun(
            (State now) -> {
              pending = Optional.empty();
              setup.observer().batch(events, batch);
              setup.listener().journaled(now.events(), now.bytes());
              machine.giveBack(events);
            });
  }

  private StreamCheckpoint checkpoint(State before, EventBatch batch, byte[] bytes) {
    return new StreamCheckpoint(
        batch.index() + 1,
        before.events() + batch.count(),
        before.bytes() + batch.payload().length,
        batch.last(),
        batch.hash(),
        setup.version(),
        bytes);
  }

  private Effect<JournalEntry, State> end(State state, Ended ended) {
    if (ended.how() != HostClock.Step.ENDED) {
      return Effect().none().thenRun((State now) -> ended(now, false, ended.at()));
    }
    if (past.isUnderWay()) {
      throw new DivergedException(setup.spec().host(), past.next());
    }
    StreamClosed closed =
        new StreamClosed(ended.at(), state.batches(), state.events(), state.hash());
    return Effect().persist(closed).thenRun((State now) -> ended(now, true, ended.at()));
  }

  private void ended(State state, boolean complete, long at) {
    setup
        .listener()
        .ended(
            new HostResult(
                setup.spec().host(),
                complete,
                at,
                state.batches(),
                state.events(),
                state.bytes(),
                state.hash()));
  }

  private Effect<JournalEntry, State> stop(State state, Stop command) {
    machine.stop();
    return Effect().none();
  }
}
