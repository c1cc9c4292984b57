package dev.mapstorm.actors.model.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The locks of a host that were used since the last report, in order of first use. Not thread-safe.
 */
public final class LockRegister {
  private final List<SpinLock> used = new ArrayList<>();
  private final LongSupplier now;

  /** An empty register; {@code now} is the host's virtual time. */
  public LockRegister(LongSupplier now) {
    this.now = now;
  }

  long now() {
    return now.getAsLong();
  }

  void add(SpinLock lock) {
    used.add(lock);
  }

  /** Lets every lock that was used write its sums, and starts anew. */
  public void report() {
    long t = now.getAsLong();
    for (int i = 0; i < used.size(); i++) {
      used.get(i).report(t);
    }
    used.clear();
  }
}
