package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.time.HostClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A lane: one thread that runs the mailboxes of the hosts on it, first come first served, and, when
 * none has anything left to do, lets the clock of one host move on. Actors see an ordinary
 * dispatcher.
 *
 * <p>Hosts are independent, so it does not matter to any of them which others share the lane or in
 * what turn their clocks move; a host keeps the lane for {@value #TURN} steps, so that its data
 * stays in the cache.
 *
 * <p>{@link #execute}, {@link #wake} and the shutdown methods may be called from any thread; what
 * other threads submit is run in between. {@link #adopt} must be called on the lane.
 */
public final class Lane extends AbstractExecutorService {
  private static final int TURN = 4096;

  /** Learns that a clock will not step again. Called on the lane. */
  public interface EndListener {
    /** The clock ended or was stopped, at {@code clock.now()}. */
    void ended(HostClock.Step how);

    /** A step failed; the lane goes on with its other hosts. */
    void failed(RuntimeException cause);
  }

  private record Tenant(HostClock clock, EndListener listener) {}

  private static final class LaneThread extends Thread {
    private final Lane lane;

    LaneThread(Lane lane, String name) {
      super(lane::loop, name);
      this.lane = lane;
    }
  }

  private final LaneThread thread;
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>(1024);
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final List<Tenant> tenants = new ArrayList<>();
  private final CountDownLatch terminated = new CountDownLatch(1);
  private volatile boolean shutdown;
  private int turn;
  private int steps;

  /** A lane whose thread, named {@code name}, starts at once. */
  public Lane(String name) {
    thread = new LaneThread(this, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The lane whose thread this is.
   *
   * @throws IllegalStateException on any other thread
   */
  public static Lane current() {
    if (Thread.currentThread() instanceof LaneThread here) {
      return here.lane;
    }
    throw new IllegalStateException("not on a lane but on " + Thread.currentThread().getName());
  }

  /** Lets {@code clock} step on this lane from now on, until it ends. */
  public void adopt(HostClock clock, EndListener listener) {
    tenants.add(new Tenant(clock, listener));
  }

  /** Makes the lane look again whether a clock that was held may move. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  @Override
  public void execute(Runnable task) {
    if (Thread.currentThread() == thread) {
      ready.addLast(task);
      return;
    }
    if (shutdown) {
      throw new RejectedExecutionException(thread.getName() + " is shut down");
    }
    inbox.add(task);
    LockSupport.unpark(thread);
  }

  private void loop() {
    try {
      while (true) {
        Runnable task = ready.pollFirst();
        if (task == null) {
          task = inbox.poll();
        }
        if (task != null) {
          task.run();
        } else if (shutdown) {
          return;
        } else if (!step()) {
          LockSupport.park(this);
        }
      }
    } finally {
      terminated.countDown();
    }
  }

  /** Lets one clock do one step; false if there is none that can. */
  private boolean step() {
    for (int tried = tenants.size(); tried > 0; tried--) {
      if (turn >= tenants.size()) {
        turn = 0;
      }
      Tenant tenant = tenants.get(turn);
      HostClock.Step did;
      try {
        did = tenant.clock.step();
      } catch (RuntimeException e) {
        tenants.remove(turn);
        steps = 0;
        tenant.listener.failed(e);
        return true;
      }
      switch (did) {
        case RAN -> {
          if (++steps >= TURN) {
            nextTurn();
          }
          return true;
        }
        case HELD -> nextTurn();
        case ENDED, STOPPED -> {
          tenants.remove(turn);
          steps = 0;
          tenant.listener.ended(did);
          return true;
        }
      }
    }
    return false;
  }

  private void nextTurn() {
    turn++;
    steps = 0;
  }

  @Override
  public void shutdown() {
    shutdown = true;
    LockSupport.unpark(thread);
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }
}
