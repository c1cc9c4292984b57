package dev.mapstorm.actors.model.lock;

import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventSink;

/**
 * One real lock as a first-come first-served server in virtual time. Contention is what happens
 * when two CPUs meet here. A CPU that takes it after another one first gets its cache line, {@link
 * LineTransfer}: also from a lock that is free.
 *
 * <p>A critical section whose length is known when it begins is taken with {@link #hold}: the
 * caller learns when it starts, and no message is needed for its end. One that ends with an event,
 * such as the completion of an invalidation, is taken with {@link #lock} and ended with {@link
 * #unlock}; those who arrive meanwhile queue up. A lock uses one of the two ways or both; {@link
 * #hold} must not meet an open section, since its end is not known ({@link #isOpen} tells).
 *
 * <p>Every wait becomes an event, and every section of {@link #LONG_NS} and more; other use is
 * summed and reported by {@link #report}. Not thread-safe.
 */
public final class SpinLock {
  /** Answer of {@link #lock} when the call has to wait for an event. */
  public static final long QUEUED = -1;

  /** A section that is as long becomes an event. */
  public static final long LONG_NS = 1_000_000;

  private static final int FIRST_WAITERS = 4;
  private static final int NOBODY = -1;

  private final LockClass lockClass;
  private final int instance;
  private final EventSink events;
  private final LockRegister register;
  private final LineTransfer transfer;

  private boolean open;
  private long freeAt;
  private long openSince;
  private LockUser openUser;
  private int holder = NOBODY;

  /** When those begin who were told an instant to come, in order; null until somebody is. */
  private long[] begins;

  private int beginsFirst;
  private int beginsCount;

  /** Null until somebody waits: most locks of a host are never contended. */
  private LockUser[] waitingUser;

  private long[] waitingSince;
  private int waitingFirst;
  private int waiting;

  private boolean registered;
  private long acquisitions;
  private long heldNs;
  private long waitedNs;

  /**
   * A free lock.
   *
   * @param instance what it belongs to, as {@link LockClass#instance} packs it
   * @param register remembers it when it was used
   */
  public SpinLock(LockClass lockClass, int instance, EventSink events, LockRegister register) {
    this.lockClass = lockClass;
    this.instance = instance;
    this.events = events;
    this.register = register;
    // A word that is swapped, not a lock: the unit that has it says how its line moves.
    transfer = lockClass == LockClass.COMMAND_QUEUE ? LineTransfer.NONE : register.transfer();
  }

  /**
   * Takes the lock at {@code t} or as soon as those before are done, for {@code holdNs}.
   *
   * @return the instant at which the section starts
   */
  public long hold(long t, LockUser user, long holdNs) {
    if (open) {
      throw new IllegalStateException(
          "%s (%s) is held by cpu %d until an event"
              .formatted(lockClass.label(), lockClass.describe(instance), holder));
    }
    long start = start(t, user);
    used(holdNs);
    held(user, holdNs);
    freeAt = start + holdNs;
    holder = user.cpu();
    return start;
  }

  /** Whether it is held until an event. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Takes the lock until {@link #unlock}, or queues {@code user} up.
   *
   * @return the instant at which the section starts, when the one before has ended and the line is
   *     there; or {@link #QUEUED}: then {@code unlock} will return the user when its turn comes
   */
  public long lock(long t, LockUser user) {
    if (open) {
      enqueue(t, user);
      return QUEUED;
    }
    long start = start(t, user);
    grant(user, start);
    return start;
  }

  /**
   * Ends an open section.
   *
   * @return who has the lock from {@link #since} on, or null
   */
  public LockUser unlock(long t) {
    if (!open) {
      throw new IllegalStateException(
          "%s (%s) is not held".formatted(lockClass.label(), lockClass.describe(instance)));
    }
    open = false;
    freeAt = t;
    heldNs += t - openSince;
    held(openUser, t - openSince);
    openUser = null;
    if (waiting == 0) {
      return null;
    }
    LockUser user = waitingUser[waitingFirst];
    long since = waitingSince[waitingFirst];
    waitingUser[waitingFirst] = null;
    waitingFirst = (waitingFirst + 1) % waitingUser.length;
    waiting--;
    // The wait that is over. That the line then has to come is time of the call, as it is where
    // nobody held the lock.
    waited(user, t - since);
    grant(user, t + arrival(user, waiting));
    return user;
  }

  /** CPUs that queue for an open section. */
  public int waiting() {
    return waiting;
  }

  /** The instant at which the open section starts, or started. */
  public long since() {
    return openSince;
  }

  /** When a CPU that comes at {@code t} has the lock; a wait is written. */
  private long start(long t, LockUser user) {
    if (freeAt <= t) {
      return t + arrival(user, 0);
    }
    long start = freeAt + arrival(user, ahead(t));
    begins(start);
    waited(user, start - t);
    return start;
  }

  /** How long the line takes to get to a CPU. */
  private long arrival(LockUser user, int contenders) {
    int cpu = user.cpu();
    return cpu == holder || holder == NOBODY ? 0 : transfer.ns(holder, cpu, contenders);
  }

  /** How many wait at {@code t} who came before. */
  private int ahead(long t) {
    while (beginsCount > 0 && begins[beginsFirst] <= t) {
      beginsFirst = (beginsFirst + 1) % begins.length;
      beginsCount--;
    }
    return beginsCount;
  }

  private void begins(long start) {
    if (!transfer.countsContenders()) {
      return;
    }
    if (begins == null) {
      begins = new long[FIRST_WAITERS];
    } else if (beginsCount == begins.length) {
      long[] more = new long[beginsCount * 2];
      for (int i = 0; i < beginsCount; i++) {
        more[i] = begins[(beginsFirst + i) % beginsCount];
      }
      begins = more;
      beginsFirst = 0;
    }
    begins[(beginsFirst + beginsCount) % begins.length] = start;
    beginsCount++;
  }

  private void grant(LockUser user, long start) {
    used(0);
    open = true;
    openSince = start;
    openUser = user;
    holder = user.cpu();
  }

  private void enqueue(long t, LockUser user) {
    if (waitingUser == null) {
      waitingUser = new LockUser[FIRST_WAITERS];
      waitingSince = new long[FIRST_WAITERS];
    } else if (waiting == waitingUser.length) {
      growQueue();
    }
    int at = (waitingFirst + waiting) % waitingUser.length;
    waitingUser[at] = user;
    waitingSince[at] = t;
    waiting++;
  }

  private void growQueue() {
    int n = waitingUser.length;
    LockUser[] users = new LockUser[n * 2];
    long[] since = new long[n * 2];
    for (int i = 0; i < waiting; i++) {
      int from = (waitingFirst + i) % n;
      users[i] = waitingUser[from];
      since[i] = waitingSince[from];
    }
    waitingUser = users;
    waitingSince = since;
    waitingFirst = 0;
  }

  private void waited(LockUser user, long ns) {
    if (ns > 0) {
      waitedNs += ns;
      events.lockWaited(
          register.now(), lockClass.ordinal(), instance, user.domain(), user.call(), holder, ns);
    }
  }

  private void held(LockUser user, long ns) {
    if (ns >= LONG_NS && lockClass != LockClass.COMMAND_QUEUE) {
      events.lockHeldLong(
          register.now(), lockClass.ordinal(), instance, user.domain(), user.call(), ns);
    }
  }

  private void used(long ns) {
    acquisitions++;
    heldNs += ns;
    if (!registered) {
      registered = true;
      register.add(this);
    }
  }

  /** Writes the sums since the last report into the events and starts new ones. */
  void report(long t) {
    events.lockUsed(t, lockClass.ordinal(), instance, acquisitions, heldNs, waitedNs);
    acquisitions = 0;
    heldNs = 0;
    waitedNs = 0;
    registered = false;
  }
}
