package dev.mapstorm.actors.model.lock;

import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayDeque;

/**
 * One real lock as a first-come first-served server in virtual time. Contention is what happens
 * when two CPUs meet here; nothing is fitted.
 *
 * <p>A critical section whose length is known when it begins is taken with {@link #hold}: the
 * caller learns when it starts, and no message is needed for its end. One that ends with an event,
 * such as the completion of an invalidation, is taken with {@link #lock} and ended with {@link
 * #unlock}; those who arrive meanwhile queue up. A lock uses one of the two ways or
 * both; {@link #hold} must not meet an open section, since its end is not known ({@link #isOpen}
 * tells).
 *
 * <p>Every wait becomes an event; uncontended use is summed and reported by {@link #report}. Not
 * thread-safe.
 *
 * @param <U> who takes it until an event
 */
public final class SpinLock<U extends LockUser> {
  /** Answer of {@link #lock} when the call has to wait for an event. */
  public static final long QUEUED = -1;

  private final LockClass lockClass;
  private final int instance;
  private final EventSink events;
  private final LockRegister register;

  private boolean open;
  private long freeAt;
  private long openSince;
  private int holder;

  private final ArrayDeque<U> waiting = new ArrayDeque<>();
  private final ArrayDeque<Long> waitingSince = new ArrayDeque<>();

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
  }

  /** Room for {@code n} locks. */
  @SuppressWarnings("unchecked")
  public static <U extends LockUser> SpinLock<U>[] array(int n) {
    return (SpinLock<U>[]) new SpinLock<?>[n];
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
    long start = Math.max(t, freeAt);
    waited(user, start - t);
    used(holdNs);
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
   * @return the instant at which the section starts, {@code t} or the known end of the one before;
   *     or {@link #QUEUED}: then {@code unlock} will return the user when its turn comes
   */
  public long lock(long t, U user) {
    if (open) {
      waiting.add(user);
      waitingSince.add(t);
      return QUEUED;
    }
    long start = Math.max(t, freeAt);
    grant(t, user, start);
    return start;
  }

  /**
   * Ends an open section.
   *
   * @return who has the lock now, or null
   */
  public U unlock(long t) {
    if (!open) {
      throw new IllegalStateException(
          "%s (%s) is not held".formatted(lockClass.label(), lockClass.describe(instance)));
    }
    open = false;
    freeAt = t;
    heldNs += t - openSince;
    if (waiting.isEmpty()) {
      return null;
    }
    U next = waiting.remove();
    grant(waitingSince.remove(), next, t);
    return next;
  }

  /** CPUs that queue for an open section. */
  public int waiting() {
    return waiting.size();
  }

  private void grant(long since, U user, long start) {
    waited(user, start - since);
    used(0);
    open = true;
    openSince = start;
    holder = user.cpu();
  }

  private void waited(LockUser user, long ns) {
    if (ns > 0) {
      waitedNs += ns;
      events.lockWaited(
          register.now(),
          lockClass.ordinal(),
          instance,
          user.domain(),
          user.call(),
          holder,
          ns);
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
