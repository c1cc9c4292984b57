package dev.mapstorm.actors.model.lock;

import dev.mapstorm.actors.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The locks of a host that were used since the last report, in order of first use. Not thread-safe.
 */
public final class LockRegister {
  private final List<SpinLock> used = new ArrayList<>();
  private final Clock clock;
  private final LineTransfer transfer;

  /**
   * An empty register.
   *
   * @param clock the host's
   * @param transfer of a lock's cache line between CPUs
   */
  public LockRegister(Clock clock, LineTransfer transfer) {
    this.clock = clock;
    this.transfer = transfer;
  }

  LineTransfer transfer() {
    return transfer;
  }

  long now() {
    return clock.now();
  }

  void add(SpinLock lock) {
    used.add(lock);
  }

  /** Lets every lock that was used write its sums, and starts anew. */
  public void report() {
    long t = clock.now();
    for (int i = 0; i < used.size(); i++) {
      used.get(i).report(t);
    }
    used.clear();
  }
}
