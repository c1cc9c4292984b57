package dev.mapstorm.actors.host;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.BatchGate;
import dev.mapstorm.actors.time.EventGate;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A host without actors: the baseline of a lane, and the plainest way to execute a host where no
 * concurrency is wanted: the same cores, the same clock and the same order of messages, in a plain
 * loop without actors. What a lane costs beyond this is the price of typed actors.
 *
 * <p>Each actor has a queue; actors with mail take turns of one message, as mailboxes do on a lane,
 * so that the events are the same to the last bit.
 */
public final class BareLoop {
  private final HostClock clock;
  private final HostModel model;
  private final List<Core<Message>> cores = new ArrayList<>();
  private final List<ArrayDeque<Message>> mail = new ArrayList<>();
  private final int[] turns;
  private int firstTurn;
  private int waiting;

  /**
   * A host in a loop.
   *
   * @param batches takes every batch of events and is done with it when it returns; null to have no
   *     events at all
   */
  public BareLoop(HostSpec spec, Consumer<EventWords> batches) {
    EventSink events = EventSink.NONE;
    EventGate gate = EventGate.NONE;
    BatchGate[] batchGate = new BatchGate[1];
    if (batches != null) {
      EventWords words = new EventWords(spec.journal().batchEvents());
      batchGate[0] =
          new BatchGate(
              spec.journal(),
              words,
              full -> {
                batches.accept(full);
                batchGate[0].giveBack(full);
              });
      gate = batchGate[0];
      events = words;
    }
    clock = new HostClock(spec.endNs(), gate);
    model = new HostModel(spec, clock, events);
    if (batchGate[0] != null) {
      batchGate[0].beforeCut(model::reportLocks);
    }
    addAll(model.drivers());
    addAll(model.devices());
    addAll(model.domains());
    addAll(model.iommus());
    turns = new int[cores.size()];
    clock.deliverThrough(this::deliver);
  }

  @SuppressWarnings("unchecked")
  private void addAll(List<? extends Core<?>> more) {
    for (Core<?> core : more) {
      // The host's layout sends every actor only what it hears.
      cores.add((Core<Message>) core);
      mail.add(new ArrayDeque<>());
    }
  }

  private void deliver(int actor, Message message) {
    ArrayDeque<Message> box = mail.get(actor);
    if (box.isEmpty()) {
      queueUp(actor);
    }
    box.addLast(message);
  }

  /** An actor is in the queue once at most, so it never overflows. */
  private void queueUp(int actor) {
    int at = firstTurn + waiting++;
    turns[at < turns.length ? at : at - turns.length] = actor;
  }

  /**
   * Runs the host to its end.
   *
   * @return messages delivered
   */
  public long run() {
    model.start();
    do {
      drain();
    } while (clock.step() == HostClock.Step.RAN);
    return clock.delivered();
  }

  private void drain() {
    while (waiting > 0) {
      int actor = turns[firstTurn];
      firstTurn = firstTurn + 1 == turns.length ? 0 : firstTurn + 1;
      waiting--;
      ArrayDeque<Message> box = mail.get(actor);
      Message message = box.peekFirst();
      cores.get(actor).on(message);
      box.removeFirst();
      if (!box.isEmpty()) {
        queueUp(actor);
      }
    }
  }
}
