package dev.mapstorm.actors.model.smmuv3;

/**
 * A CPU inside {@code arm_smmu_cmdq_issue_cmdlist} of {@code
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c} in Linux 6.12: reserves slots of a {@link
 * CommandQueue} by cmpxchg, writes its commands, hands the queue to the hardware if it is the owner
 * of the run, and waits for its CMD_SYNC if it has one.
 *
 * <p>Each {@link #step} makes one access to shared state and tells what it saw. An access that
 * finds nothing changed is repeated by the next step, as the CPU spins ({@link #spinning}). Time is
 * what the caller says it is, and decides only when a wait for room or for a CMD_SYNC is given up.
 * Reusable: {@link #begin} starts the next call. Not thread safe.
 */
public final class CommandIssue {
  private enum State {
    LOAD,
    CAS,
    TRY_EXCLUSIVE,
    EXCLUSIVE_READ,
    EXCLUSIVE_STORE,
    EXCLUSIVE_UNLOCK,
    EXCLUSIVE_LOAD,
    FULL_LOAD,
    LOCK_SHARED,
    WAIT_EXCLUSIVE,
    SET_VALID,
    WAIT_OWNER,
    END_GATHER,
    WAIT_VALID,
    WRITE_PROD,
    PASS_OWNER,
    WAIT_MSI,
    SYNC_LOAD,
    SYNC_READ,
    READ_LOCK,
    STORE_CONS,
    UNLOCK_SHARED,
    DONE
  }

  private final CommandQueue queue;
  private final long timeout;
  private State state = State.DONE;
  private int issuer;
  private int commands;
  private boolean sync;
  private boolean owner;
  private int prod;
  private int cons;
  private int start;
  private int end;
  private int at;
  private int runEnd;
  private long deadline;
  private boolean spinning;
  private boolean timedOut;
  private boolean givenUp;
  private long first;
  private long second;

  /**
   * @param timeout how long a wait for room or for a CMD_SYNC may take ({@code
   *     ARM_SMMU_POLL_TIMEOUT_US}, one second), in the units of {@link #step}
   */
  public CommandIssue(CommandQueue queue, long timeout) {
    this.queue = queue;
    this.timeout = timeout;
  }

  /**
   * Begins a call.
   *
   * @param issuedBy a number by which the hardware's side names the call
   * @param n commands, at least 1, and with the CMD_SYNC no more than the queue holds
   * @param withSync whether a CMD_SYNC follows them and is waited for
   * @throws IllegalArgumentException if the queue cannot hold them
   * @throws IllegalStateException if the call before is not over
   */
  public void begin(int issuedBy, int n, boolean withSync) {
    if (state != State.DONE) {
      throw new IllegalStateException("the call before is not over");
    }
    if (n < 1 || n + (withSync ? 1 : 0) > queue.entries()) {
      throw new IllegalArgumentException(
          "a queue of " + queue.entries() + " entries does not take " + n + " commands at once");
    }
    issuer = issuedBy;
    commands = n;
    sync = withSync;
    spinning = false;
    timedOut = false;
    state = State.LOAD;
  }

  /** Whether the call is over. */
  public boolean done() {
    return state == State.DONE;
  }

  /** Whether the last step found that it has to wait: the next one makes the same access again. */
  public boolean spinning() {
    return spinning;
  }

  /** Whether the last step gave a wait up, after {@code timeout}. */
  public boolean timedOut() {
    return timedOut;
  }

  /** Whether the call carries a CMD_SYNC. */
  public boolean sync() {
    return sync;
  }

  /** When a wait for room or for the CMD_SYNC that spins is given up, in the units of step. */
  public long deadline() {
    return deadline;
  }

  /** What the next step touches. */
  public QueueLine line() {
    return switch (state) {
      case LOAD, CAS, EXCLUSIVE_LOAD, FULL_LOAD, EXCLUSIVE_STORE -> QueueLine.WORD;
      case END_GATHER, SYNC_LOAD, STORE_CONS -> QueueLine.WORD;
      case TRY_EXCLUSIVE, EXCLUSIVE_UNLOCK, LOCK_SHARED, WAIT_EXCLUSIVE -> QueueLine.LOCK;
      case WAIT_OWNER, PASS_OWNER, READ_LOCK, UNLOCK_SHARED -> QueueLine.LOCK;
      case SET_VALID, WAIT_VALID -> QueueLine.VALID_MAP;
      case WRITE_PROD -> QueueLine.PROD_REGISTER;
      case EXCLUSIVE_READ, SYNC_READ -> QueueLine.CONS_REGISTER;
      case WAIT_MSI -> QueueLine.SLOT;
      case DONE -> throw new IllegalStateException("the call is over");
    };
  }

  /** Whether the next step writes, so that the CPU has to have the line for itself. */
  public boolean writes() {
    return switch (state) {
      case LOAD, EXCLUSIVE_LOAD, FULL_LOAD, SYNC_LOAD -> false;
      case WAIT_EXCLUSIVE, WAIT_OWNER, WAIT_VALID, WAIT_MSI, READ_LOCK -> false;
      case EXCLUSIVE_READ, SYNC_READ, DONE -> false;
      case CAS, TRY_EXCLUSIVE, EXCLUSIVE_STORE, EXCLUSIVE_UNLOCK -> true;
      case LOCK_SHARED, SET_VALID, END_GATHER, WRITE_PROD, PASS_OWNER -> true;
      case STORE_CONS, UNLOCK_SHARED -> true;
    };
  }

  /**
   * What the last access saw or wrote: PROD, a position, a lock count (before; after an unlock), or
   * bits of the valid map.
   */
  public long first() {
    return first;
  }

  /** CONS, where the last access saw PROD and CONS. */
  public long second() {
    return second;
  }

  /**
   * Makes the next access.
   *
   * @param now the present, not before that of the step before
   * @throws IllegalStateException if the call is over
   */
  public QueueAccess step(long now) {
    spinning = false;
    timedOut = false;
    return switch (state) {
      case LOAD, EXCLUSIVE_LOAD -> {
        load();
        reserveOrWait();
        yield QueueAccess.LOAD;
      }
      case FULL_LOAD -> fullLoad(now);
      case CAS -> cas();
      case TRY_EXCLUSIVE -> tryExclusive(now);
      case EXCLUSIVE_READ -> readCons(State.EXCLUSIVE_STORE);
      case EXCLUSIVE_STORE -> storeCons(State.EXCLUSIVE_UNLOCK);
      case EXCLUSIVE_UNLOCK -> {
        first = queue.unlockExclusive();
        state = State.EXCLUSIVE_LOAD;
        yield QueueAccess.UNLOCK_EXCLUSIVE;
      }
      case LOCK_SHARED -> {
        first = queue.lockShared();
        state = first < 0 ? State.WAIT_EXCLUSIVE : State.SET_VALID;
        yield QueueAccess.LOCK_SHARED;
      }
      case WAIT_EXCLUSIVE -> {
        spinning = queue.lock() < 0;
        state = spinning ? State.WAIT_EXCLUSIVE : State.SET_VALID;
        yield spinning ? QueueAccess.WAIT_EXCLUSIVE : QueueAccess.EXCLUSIVE_ENDED;
      }
      case SET_VALID -> setValid(now);
      case WAIT_OWNER -> {
        spinning = queue.ownerProd() != start;
        state = spinning ? State.WAIT_OWNER : State.END_GATHER;
        yield spinning ? QueueAccess.WAIT_OWNER : QueueAccess.OWNER_TURN;
      }
      case END_GATHER -> {
        runEnd = queue.endGather();
        first = runEnd;
        at = start;
        state = State.WAIT_VALID;
        yield QueueAccess.END_GATHER;
      }
      case WAIT_VALID -> waitValid();
      case WRITE_PROD -> {
        queue.writeProd(runEnd);
        first = runEnd;
        state = State.PASS_OWNER;
        yield QueueAccess.WRITE_PROD;
      }
      case PASS_OWNER -> {
        queue.passOwner(runEnd);
        first = runEnd;
        submitted(now);
        yield QueueAccess.PASS_OWNER;
      }
      case WAIT_MSI -> waitMsi(now);
      case SYNC_LOAD -> {
        load();
        syncSeen(now);
        yield QueueAccess.LOAD;
      }
      case SYNC_READ -> syncRead(now);
      case READ_LOCK -> {
        first = queue.lock();
        state = first == 1 ? State.STORE_CONS : State.UNLOCK_SHARED;
        yield QueueAccess.READ_LOCK;
      }
      case STORE_CONS -> storeCons(State.UNLOCK_SHARED);
      case UNLOCK_SHARED -> {
        first = queue.unlockShared();
        state = State.DONE;
        yield QueueAccess.UNLOCK_SHARED;
      }
      case DONE -> throw new IllegalStateException("the call is over");
    };
  }

  private void load() {
    prod = queue.prod();
    cons = queue.cons();
    first = prod;
    second = cons;
  }

  private void reserveOrWait() {
    state = queue.hasSpace(prod, cons, commands + (sync ? 1 : 0)) ? State.CAS : State.TRY_EXCLUSIVE;
  }

  /** The re-reading half of {@code arm_smmu_cmdq_poll_until_not_full}. */
  private QueueAccess fullLoad(long now) {
    load();
    if (!queue.full(prod, cons)) {
      reserveOrWait();
    } else if (now > deadline) {
      timedOut = true;
      state = State.TRY_EXCLUSIVE;
    } else {
      spinning = true;
    }
    return QueueAccess.LOAD;
  }

  private QueueAccess cas() {
    start = prod & ~CommandQueue.OWNED;
    end = queue.advance(start, commands + (sync ? 1 : 0));
    if (!queue.swap(prod, cons, end)) {
      load();
      reserveOrWait();
      return QueueAccess.SWAP_FAILED;
    }
    first = prod;
    second = cons;
    owner = (prod & CommandQueue.OWNED) == 0;
    queue.write(start, commands, sync, issuer);
    at = start;
    state = sync ? State.LOCK_SHARED : State.SET_VALID;
    return QueueAccess.SWAPPED;
  }

  private QueueAccess tryExclusive(long now) {
    first = queue.tryExclusive();
    deadline = now + timeout;
    state = first == 0 ? State.EXCLUSIVE_READ : State.FULL_LOAD;
    return QueueAccess.TRY_EXCLUSIVE;
  }

  private QueueAccess readCons(State next) {
    cons = queue.consRegister();
    first = cons;
    state = next;
    return QueueAccess.READ_CONS;
  }

  private QueueAccess storeCons(State next) {
    queue.storeCons(cons);
    first = cons;
    state = next;
    return QueueAccess.STORE_CONS;
  }

  /** {@code arm_smmu_cmdq_set_valid_map}, one word. */
  private QueueAccess setValid(long now) {
    first = maskTo(end);
    queue.flipValid(queue.indexOf(at) / Long.SIZE, first);
    at = queue.advance(at, Long.bitCount(first));
    if (at == end) {
      if (owner) {
        state = State.WAIT_OWNER;
      } else {
        submitted(now);
      }
    }
    return QueueAccess.SET_VALID;
  }

  /** {@code arm_smmu_cmdq_poll_valid_map}, one word. */
  private QueueAccess waitValid() {
    long mask = maskTo(runEnd);
    spinning = !queue.valid(queue.indexOf(at) / Long.SIZE, mask, at);
    if (spinning) {
      return QueueAccess.WAIT_VALID;
    }
    at = queue.advance(at, Long.bitCount(mask));
    if (at == runEnd) {
      state = State.WRITE_PROD;
    }
    return QueueAccess.VALID;
  }

  /** Bits in the word of {@link #at} of the slots from there to {@code limit}. */
  private long maskTo(int limit) {
    int from = queue.indexOf(at);
    int to = queue.indexOf(limit);
    int upTo = from / Long.SIZE == to / Long.SIZE && from < to ? to % Long.SIZE : Long.SIZE;
    return -1L << from & -1L >>> Long.SIZE - upTo;
  }

  private void submitted(long now) {
    deadline = now + timeout;
    givenUp = false;
    if (!sync) {
      state = State.DONE;
    } else {
      state = queue.msi() ? State.WAIT_MSI : State.SYNC_LOAD;
    }
  }

  private int syncPosition() {
    return queue.advance(start, commands);
  }

  /** {@code arm_smmu_cmdq_poll_until_msi}. */
  private QueueAccess waitMsi(long now) {
    if (queue.msiWritten(syncPosition())) {
      cons = end;
      state = State.READ_LOCK;
      return QueueAccess.MSI_WRITTEN;
    }
    if (now > deadline) {
      timedOut = true;
      cons = syncPosition();
      state = State.READ_LOCK;
    } else {
      spinning = true;
    }
    return QueueAccess.WAIT_MSI;
  }

  /** {@code arm_smmu_cmdq_poll_until_consumed}: after it gave up, CONS is read once more. */
  private QueueAccess syncRead(long now) {
    readCons(State.SYNC_READ);
    if (givenUp) {
      timedOut = true;
      state = State.READ_LOCK;
    } else {
      syncSeen(now);
      spinning = state == State.SYNC_READ && !givenUp;
    }
    return QueueAccess.READ_CONS;
  }

  private void syncSeen(long now) {
    if (queue.consumed(cons, syncPosition())) {
      state = State.READ_LOCK;
    } else {
      state = State.SYNC_READ;
      givenUp = now > deadline;
    }
  }
}
