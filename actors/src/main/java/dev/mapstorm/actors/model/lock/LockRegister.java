package dev.mapstorm.actors.model.lock;

import dev.mapstorm.actors.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The locks of a host that were used since the last report, in order of first use. Not thread-safe.
 */
public final class LockRegister {
  private final List<SpinLock<?>> used = new ArrayList<>();
  private final Clock clock;

  /** An empty register; {@code clock} is the host's. */
  public LockRegister(Clock clock) {
    this.clock = clock;
  }

  long now() {
    return clock.now();
  }

  void add(SpinLock<?> lock) {
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
