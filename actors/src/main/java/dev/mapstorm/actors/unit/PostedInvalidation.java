package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.model.lock.LockUser;
import java.util.Arrays;

/**
 * What a CPU has told a unit and waits for: who asked, and which translations go when it is done.
 * Units add what their queue needs. Used again; not thread-safe.
 */
public class PostedInvalidation implements LockUser {
  /** Its number in events; 0 until it is posted, and if nothing is to be forgotten. */
  private long ticket;

  /** Whether nobody waits for it any more. */
  private boolean over;

  private int domain;
  private int callNumber;
  private long call;
  private int cpu;
  private long pfn;
  private long covered;
  private long postedAt;

  /** When its CPU is to see that it is over, as far as is known; -1 if it is not in hand. */
  private long dueAt = -1;

  /** Before this its CPU does not see it, since a device has answered late. */
  private long notBefore;

  /** Numbers of those that are done with it. */
  private int[] carried = new int[1];

  private int carriedCount;

  /** A CPU comes with it; it covers nothing yet. */
  final void begin(int ofDomain, int number, long ofCall, int onCpu) {
    ticket = 0;
    over = false;
    domain = ofDomain;
    callNumber = number;
    call = ofCall;
    cpu = onCpu;
    pfn = 0;
    covered = 0;
    carriedCount = 0;
    dueAt = -1;
    notBefore = 0;
  }

  /** It is over, for whoever still has it in a list. */
  final void end() {
    over = true;
    dueAt = -1;
  }

  final long dueAt() {
    return dueAt;
  }

  final void dueAt(long at) {
    dueAt = at;
  }

  final long notBefore() {
    return notBefore;
  }

  final void notBefore(long at) {
    notBefore = at;
  }

  /** Another one is done with it, and tells nobody. */
  final void carry(int other) {
    if (carriedCount == carried.length) {
      carried = Arrays.copyOf(carried, carriedCount * 2);
    }
    carried[carriedCount++] = other;
  }

  /** How many are done with it. */
  final int carriedCount() {
    return carriedCount;
  }

  /** The number of one that is done with it. */
  final int carried(int index) {
    return carried[index];
  }

  /**
   * Says which translations go.
   *
   * @param first granule
   * @param pages granules; 0 for the whole domain
   */
  public final void cover(long first, long pages) {
    pfn = first;
    covered = pages;
  }

  /** It is in the unit's hands. */
  final void post(long number, long now) {
    ticket = number;
    postedAt = now;
  }

  /** Whether it is in the unit's hands, and makes it forget something. */
  final boolean isPosted() {
    return ticket != 0 && !over;
  }

  /** Its number in events; 0 if nothing is to be forgotten. */
  public final long ticket() {
    return ticket;
  }

  /** Number of the call in messages. */
  final int callNumber() {
    return callNumber;
  }

  /** First granule whose translation goes. */
  public final long pfn() {
    return pfn;
  }

  /** Granules whose translations go; 0 for the whole domain. */
  public final long covered() {
    return covered;
  }

  final long postedAt() {
    return postedAt;
  }

  @Override
  public final int cpu() {
    return cpu;
  }

  @Override
  public final int domain() {
    return domain;
  }

  @Override
  public final long call() {
    return call;
  }
}
