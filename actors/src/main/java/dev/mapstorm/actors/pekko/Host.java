package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.host.UnreadableCheckpointException;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.DamagedBatchException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamId;
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
import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.JournalPersistFailed;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotFailed;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
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
 *       and from the first that the journal does not have on they are persisted. Nothing is written
 *       unless it follows the last entry of the stream.
 *   <li>{@link BatchReady} comes from the lane; the batch is encoded and hashed here, off the lane,
 *       and persisted as one {@link EventBatch}. A checkpoint that came with it is stored behind
 *       it.
 *   <li>{@link Ended} comes from the lane behind the last batch; a run that ended by itself is
 *       closed with {@link StreamClosed}.
 * </ul>
 *
 * <p>The state is what is needed to go on writing: the hash so far, the sums, and the last
 * checkpoint. A store that fails stops the entity, and its {@link HostKeeper} begins it anew; so
 * does a checkpoint of which the machine cannot go on ({@link UnusableCheckpointException}).
 */
final class Host extends EventSourcedBehavior<Host.Command, JournalEntry, JournalState> {

  /** Every checkpoint may be used. */
  static final long ANY_CHECKPOINT = Long.MAX_VALUE;

  /** What the entity hears. */
  public sealed interface Command permits Start, BatchReady, Ended, Broke, Stop, HandOver, Gone {}

  /** Begin the run, or go on with it; the entity says it to itself. */
  record Start() implements Command {}

  /** Stop at the next message and keep what was journaled. */
  public record Stop() implements Command {}

  /** Store a checkpoint behind the next batch, and end: the host goes on elsewhere. */
  record HandOver() implements Command {}

  /** Nothing is left to do here; the entity says it to itself. */
  record Gone() implements Command {}

  /** A full buffer of events from the lane, and the machine behind them if it was stored. */
  record BatchReady(EventWords events, Optional<byte[]> machine) implements Command {}

  /** The clock will not step again. */
  record Ended(HostClock.Step how, long at) implements Command {}

  /** The machine broke down. */
  record Broke(Throwable cause) implements Command {}

  private final ActorContext<Command> context;
  private final ActorRef<Command> self;
  private final HostSetup setup;
  private final long epoch;
  private final long checkpointsUpTo;
  private final HostLog log;
  private final HashChain chain = new HashChain();
  private final ColumnEncoder encoder = new ColumnEncoder();
  private final Machine machine;

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
          self.tell(new Broke(cause));
        }
      };

  private boolean recovering = true;
  private byte[] origin = {};
  private Reexecution past;

  /** The entry after which the checkpoint was taken that recovery began with; 0 without one. */
  private long fromEntry;

  /** Whether anything was persisted by this incarnation. */
  private boolean wrote;

  private final Runnable storeFails;
  private boolean handing;
  private boolean handedOver;

  /** The machine behind the batch that is being persisted, if it comes with a checkpoint. */
  private Optional<StreamCheckpoint> pending = Optional.empty();

  private Host(
      ActorContext<Command> context,
      HostSetup setup,
      long epoch,
      long checkpointsUpTo,
      Runnable storeFails) {
    super(setup.id());
    this.storeFails = storeFails;
    this.context = context;
    this.epoch = epoch;
    this.checkpointsUpTo = checkpointsUpTo;
    this.setup = setup;
    self = context.getSelf();
    machine =
        new Machine(
            context,
            setup.spec(),
            setup.lane(),
            (events, checkpoint) -> self.tell(new BatchReady(events, checkpoint)),
            setup.listener()::checkpointFailed);
    log = new HostLog(StreamId.parse(setup.id().id()), machine.clock()::published);
  }

  /**
   * The behaviour of a host; spawn it off the lanes.
   *
   * @param epoch of the claim to its stream, see {@link WriterClaims}
   * @param checkpointsUpTo last entry of the stream of which a checkpoint may be used, {@link
   *     #ANY_CHECKPOINT} or 0 for none
   * @param storeFails called by the actor before it fails because its stream could not be read or
   *     written
   */
  static Behavior<Command> create(
      HostSetup setup, long epoch, long checkpointsUpTo, Runnable storeFails) {
    return Behaviors.setup(
        context -> {
          Host host = new Host(context, setup, epoch, checkpointsUpTo, storeFails);
          return host.log.around(Command.class, host);
        });
  }

  /** Every entry goes with the epoch under which it is written. */
  @Override
  public EventAdapter<JournalEntry, JournalEntry> eventAdapter() {
    return new EpochAdapter<>(epoch);
  }

  @Override
  public Recovery recovery() {
    return Recovery.withSnapshotSelectionCriteria(
        SnapshotSelectionCriteria.latest().withMaxSequenceNr(checkpointsUpTo));
  }

  @Override
  public JournalState emptyState() {
    return new JournalState(
        false, Optional.empty(), new byte[HashChain.BYTES], 0, 0, 0, Optional.empty());
  }

  @Override
  public CommandHandler<Command, JournalEntry, JournalState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Start.class, this::start)
        .onCommand(BatchReady.class, this::batch)
        .onCommand(Ended.class, this::end)
        .onCommand(Broke.class, (state, broke) -> broken(broke.cause()))
        .onCommand(Stop.class, this::stop)
        .onCommand(HandOver.class, this::handOver)
        .onCommand(Gone.class, (state, gone) -> Effect().stop())
        .build();
  }

  @Override
  public EventHandler<JournalState, JournalEntry> eventHandler() {
    return (state, entry) -> {
      if (recovering) {
        verify(entry);
      }
      if (entry instanceof StreamOpened opened) {
        byte[] hash = chain.origin(opened);
        return new JournalState(true, Optional.empty(), hash, 0, 0, 0, Optional.empty());
      } else if (entry instanceof EventBatch batch) {
        return behind(state, batch);
      } else if (entry instanceof StreamClosed closed) {
        return new JournalState(
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

  private void verify(JournalEntry entry) {
    try {
      verifier.accept(entry);
    } catch (DamagedBatchException e) {
      throw unusable(e);
    }
  }

  private JournalState behind(JournalState state, EventBatch batch) {
    if (recovering) {
      recovered.add(batch.hash());
    }
    return new JournalState(
        true,
        state.closed(),
        batch.hash(),
        state.batches() + 1,
        state.events() + batch.count(),
        state.bytes() + batch.payload().length,
        recovering ? state.checkpoint() : pending);
  }

  @Override
  public boolean shouldSnapshot(JournalState state, JournalEntry entry, long sequenceNumber) {
    return entry instanceof EventBatch && state.isAtCheckpoint();
  }

  /** What is stored as a snapshot is the checkpoint. */
  @Override
  public SnapshotAdapter<JournalState> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(JournalState state) {
        return state.checkpoint().orElseThrow();
      }

      @Override
      public JournalState fromJournal(Object stored) {
        StreamCheckpoint checkpoint = (StreamCheckpoint) stored;
        fromEntry = checkpoint.entry();
        verifier = new StreamVerifier(checkpoint.position());
        return JournalState.at(checkpoint);
      }
    };
  }

  @Override
  public SignalHandler<JournalState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.class,
            (state, signal) -> {
              recovering = false;
              context.getSelf().tell(new Start());
            })
        .onSignal(RecoveryFailed.class, (state, signal) -> storeFails.run())
        .onSignal(JournalPersistFailed.class, (state, signal) -> storeFails.run())
        .onSignal(
            SnapshotFailed.class,
            (state, signal) -> setup.listener().checkpointFailed(signal.getFailure()))
        .onSignal(ChildFailed.class, (state, signal) -> self.tell(new Broke(signal.getCause())))
        .onSignal(PostStop.class, (state, signal) -> machine.stop())
        .build();
  }

  private StreamOpened opening() {
    HostSpec spec = setup.spec();
    return new StreamOpened(spec.host(), spec.seed(), setup.scenario(), setup.version());
  }

  private Effect<JournalEntry, JournalState> start(JournalState state, Start command) {
    StreamOpened opening = opening();
    origin = chain.origin(opening);
    checkPlace(state);
    if (!state.opened()) {
      past = new Reexecution(chain, encoder, 0, origin, List.of());
      wrote = true;
      return Effect().persist(opening).thenRun((JournalState now) -> begin());
    }
    setup.listener().journaled(state.events(), state.bytes());
    if (state.closed().isPresent()) {
      return Effect()
          .none()
          .thenRun((JournalState now) -> ended(now, true, now.closed().get().end()));
    }
    return Effect().none().thenRun(this::resume);
  }

  /** Makes sure that what is written next follows the last entry of the stream. */
  private void checkPlace(JournalState state) {
    long last = lastSequenceNumber(context);
    if (last != state.entries()) {
      throw unusable(
          new DamagedBatchException(
              "%d entries of the stream were recovered, and the next would be entry %d"
                  .formatted(state.entries(), last + 1)));
    }
  }

  /**
   * What to end with when the machine cannot go on: if it was made from a checkpoint, and nothing
   * was written since, that one may be to blame, and is not used again.
   */
  private RuntimeException unusable(RuntimeException cause) {
    if (fromEntry == 0 || wrote) {
      return cause;
    }
    boolean onlyThisOne =
        cause instanceof UnreadableCheckpointException unreadable && !unreadable.ofAnotherBuild();
    return new UnusableCheckpointException(fromEntry, onlyThisOne ? fromEntry - 1 : 0, cause);
  }

  private Effect<JournalEntry, JournalState> broken(Throwable cause) {
    if (cause instanceof RuntimeException failure
        && unusable(failure) instanceof UnusableCheckpointException unusable) {
      throw unusable;
    }
    setup.listener().failed(cause);
    return Effect().none();
  }

  private void begin() {
    HostSpec spec = setup.spec();
    log.info("begins: {} CPUs, {} devices", spec.cpus(), spec.devices().size());
    machine.begin(end);
    setup.listener().started(machine.clock());
  }

  private void resume(JournalState state) {
    List<byte[]> known = List.copyOf(recovered);
    recovered.clear();
    if (fromEntry == 0) {
      past = new Reexecution(chain, encoder, 0, origin, known);
      setup.listener().recovered(0, state.events());
      begin();
      return;
    }
    StreamCheckpoint checkpoint = state.checkpoint().orElseThrow();
    try {
      machine.resume(checkpoint.machine(), end);
    } catch (UnreadableCheckpointException e) {
      throw unusable(e);
    }
    log.info(
        "continues: {} events journaled, executing from event {}",
        state.events(),
        checkpoint.events());
    past = new Reexecution(chain, encoder, checkpoint.batches(), checkpoint.hash(), known);
    setup.listener().recovered(checkpoint.events(), state.events());
    setup.listener().started(machine.clock());
  }

  private Effect<JournalEntry, JournalState> batch(JournalState state, BatchReady ready) {
    EventWords events = ready.events();
    if (handedOver) {
      return Effect().none();
    }
    if (past.isUnderWay()) {
      setup.observer().batch(events, known(events));
      machine.giveBack(events);
      return Effect().none();
    }
    wrote = true;
    byte[] payload = encoder.encode(events);
    EventBatch batch = chain.seal(state.hash(), state.batches(), events, payload);
    pending = ready.machine().map(bytes -> checkpoint(state, batch, bytes));
    return Effect()
        .persist(batch)
        .thenRun(
            (JournalState now) -> {
              pending = Optional.empty();
              setup.observer().batch(events, batch);
              setup.listener().journaled(now.events(), now.bytes());
              if (handing && ready.machine().isPresent()) {
                // The checkpoint is stored by now. What the machine did beyond it will be done
                // elsewhere.
                handedOver = true;
                machine.stop();
                self.tell(new Gone());
              } else {
                machine.giveBack(events);
              }
            });
  }

  /** The journal's batch that the machine has come to again. */
  private EventBatch known(EventWords events) {
    try {
      return past.take(setup.spec().host(), events);
    } catch (DivergedException e) {
      throw unusable(e);
    }
  }

  private StreamCheckpoint checkpoint(JournalState before, EventBatch batch, byte[] bytes) {
    return StreamCheckpoint.sealed(
        setup.id().id(),
        batch.index() + 1,
        before.events() + batch.count(),
        before.bytes() + batch.payload().length,
        batch.last(),
        batch.hash(),
        setup.version(),
        bytes);
  }

  private Effect<JournalEntry, JournalState> end(JournalState state, Ended ended) {
    if (handedOver) {
      return Effect().none();
    }
    if (ended.how() != HostClock.Step.ENDED) {
      return Effect().none().thenRun((JournalState now) -> ended(now, false, ended.at()));
    }
    if (past.isUnderWay()) {
      throw unusable(new DivergedException(setup.spec().host(), past.next()));
    }
    StreamClosed closed =
        new StreamClosed(ended.at(), state.batches(), state.events(), state.hash());
    return Effect()
        .persist(closed)
        .thenRun(
            (JournalState now) -> {
              ended(now, true, ended.at());
              if (handing) {
                // It ended before the checkpoint was due.
                self.tell(new Gone());
              }
            });
  }

  private void ended(JournalState state, boolean complete, long at) {
    log.info(
        "{} at {} ns: {} events journaled", complete ? "ended" : "stopped", at, state.events());
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

  private Effect<JournalEntry, JournalState> handOver(JournalState state, HandOver command) {
    if (past == null || past.isUnderWay() || state.closed().isPresent()) {
      return Effect().stop();
    }
    handing = true;
    machine.wantCheckpoint();
    return Effect().none();
  }

  private Effect<JournalEntry, JournalState> stop(JournalState state, Stop command) {
    machine.stop();
    return Effect().none();
  }
}
