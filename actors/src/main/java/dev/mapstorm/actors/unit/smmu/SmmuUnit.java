package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.smmuv3.CommandQueue;
import dev.mapstorm.actors.model.smmuv3.QueueAccess;
import dev.mapstorm.actors.model.smmuv3.QueueLine;
import dev.mapstorm.actors.model.smmuv3.SmmuCommands;
import dev.mapstorm.actors.model.smmuv3.SmmuInvalidation;
import dev.mapstorm.actors.model.smmuv3.SmmuRelease;
import dev.mapstorm.actors.model.smmuv3.TlbiOp;
import dev.mapstorm.actors.unit.InvalidatingUnit;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;

/**
 * An SMMUv3: translates for devices, and executes the commands of its queue in order, one at a
 * time.
 *
 * <p>Every access that a CPU makes to the queue's shared state is a step at its own instant, in the
 * order that {@link dev.mapstorm.actors.model.smmuv3.CommandIssue} gives. Writes and swaps of a
 * cache line are carried out one after the other, first come first served, each in {@code
 * line-access}; one by another CPU than the last takes {@code line-transfer} to get there, and any
 * number may be under way. A read shares the line and waits for nobody. A CPU that spins takes no
 * time of a line until somebody writes there, and then reads it again. So contention is nothing but
 * writes that wait for lines, and cmpxchg that finds another word, takes the line all the same, and
 * has to be repeated. What measurements show beyond that, a time for each CPU that the queue goes
 * to and more of it with each that is there, is {@code queue-handover} and {@code queue-contender}.
 *
 * <p>With CMDQV (Tegra241) CPUs are dealt out to several such queues, whose commands the unit takes
 * in turn; a CMD_SYNC there is waited for by reading CONS ({@code
 * arm_smmu_cmdq_needs_busy_polling}).
 */
final class SmmuUnit extends InvalidatingUnit implements SmmuCommands {
  /** The unit itself, as a receiver of steps. */
  private static final int HARDWARE = -1;

  private static final int LINES = 3;
  private static final long PS = 1_000;

  private final SmmuCosts costs;
  private final CommandQueue[] queues;
  private final SmmuInvalidation invalidation;

  /** By domain: what its devices with ATS are told; null without one. */
  private final SmmuInvalidation[] devices;

  private final SpinLock[] words;

  /** By queue and line. */
  private final int[] lineCpu;

  private final long[] lineFreeAt;

  /** By queue: the CPU that had it last, when it is free to go to another, and who is in it. */
  private final int[] queueCpu;

  private final long[] queueFreeAt;
  private final int[] inQueue;
  private final Slots<QueueCaller> callers = new Slots<>();

  /** Callers that spin, in the order in which they began to. */
  private int[] spinning = new int[8];

  private int spinners;
  private boolean executing;

  /** Whether a CMD_SYNC in turn is not done, since devices have not answered. */
  private boolean stalled;

  /** The queue whose command the unit executes, or executed last. */
  private int inTurn;

  private long turns;
  private QueueCaller planned;
  private int plannedCommands;

  /** Whose range is planned: the same, or one that is waited for with it. */
  private QueueCaller covering;

  /** Whether further ranges are waited for together with those before. */
  private boolean more;

  SmmuUnit(int iommu, SmmuSpec spec, Translation[] domains, HostContext host) {
    super(iommu, new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    costs = spec.costs();
    queues = new CommandQueue[spec.queues()];
    words = new SpinLock[queues.length];
    boolean msi = spec.msi() == 1 && spec.commandQueues() == 0;
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new CommandQueue(spec.queueShift(), msi);
      words[i] =
          new SpinLock(
              LockClass.COMMAND_QUEUE,
              LockClass.instance(iommu, i, 0),
              host.events(),
              host.locks());
    }
    lineCpu = new int[queues.length * LINES];
    lineFreeAt = new long[queues.length * LINES];
    invalidation = commands(spec, new int[0]);
    devices = new SmmuInvalidation[domains.length];
    for (int domain = 0; hasTlbs() && domain < devices.length; domain++) {
      devices[domain] = commands(spec, tlbsOf(domain));
    }
    queueCpu = new int[queues.length];
    queueFreeAt = new long[queues.length];
    inQueue = new int[queues.length];
    Arrays.fill(lineCpu, HARDWARE);
    Arrays.fill(queueCpu, HARDWARE);
  }

  private static SmmuInvalidation commands(SmmuSpec spec, int[] streams) {
    return new SmmuInvalidation(
        spec.sizeLimit() == 1 ? SmmuRelease.LINUX_7_2 : SmmuRelease.LINUX_6_12,
        Granule.SHIFT,
        false,
        false,
        spec.rangeInvalidation() == 1,
        false,
        0,
        streams,
        new int[streams.length]);
  }

  @Override
  protected Slots<QueueCaller> inHand() {
    return callers;
  }

  @Override
  public void invalidatePages(IommuMessage.InvalidatePages m) {
    int number = take(m.domain(), m.number(), m.call(), m.cpu(), m.pfn(), m.pages());
    QueueCaller caller = callers.get(number);
    plan(caller, m);
    post(caller, m.pfn(), m.pages());
    enter(number, caller);
  }

  /** The commands of all ranges in one list, with one CMD_SYNC at its end. */
  @Override
  public void invalidateRanges(IommuMessage.InvalidateRanges m) {
    long[] ranges = m.ranges();
    int number = take(m.domain(), m.number(), m.call(), m.cpu(), ranges[0], ranges[1]);
    QueueCaller caller = callers.get(number);
    planned = caller;
    plannedCommands = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      int each =
          i == 0
              ? number
              : take(m.domain(), m.number(), m.call(), m.cpu(), ranges[i], ranges[i + 1]);
      covering = callers.get(each);
      more = i + 2 < ranges.length;
      long start = ranges[i] << Granule.SHIFT;
      invalidation.range(start, ranges[i + 1] << Granule.SHIFT, Granule.BYTES, false, this);
      if (i == 0) {
        post(caller, ranges[0], ranges[1]);
      } else {
        postWith(caller, each, ranges[i], ranges[i + 1]);
      }
    }
    if (hasTlbs()) {
      caller.planDevices();
      for (int i = 0; i < ranges.length; i += 2) {
        more = i + 2 < ranges.length;
        long start = ranges[i] << Granule.SHIFT;
        devices[m.domain()].devices(start, ranges[i + 1] << Granule.SHIFT, this);
      }
    }
    planned = null;
    enter(number, caller);
  }

  private void enter(int number, QueueCaller caller) {
    inQueue[caller.queue]++;
    caller.nextBatch(number);
    access(number, caller);
  }

  private int take(int domain, int call, long callId, int cpu, long pfn, long pages) {
    int number = callers.take(() -> new QueueCaller(queues));
    QueueCaller caller = callers.get(number);
    begin(caller, domain, call, callId, cpu);
    caller.cover(pfn, pages);
    caller.begin(cpu % queues.length);
    return number;
  }

  /** Has the driver's commands counted, batch by batch. */
  private void plan(QueueCaller caller, IommuMessage.InvalidatePages m) {
    planned = caller;
    covering = caller;
    plannedCommands = 0;
    if (caller.whole()) {
      invalidation.all(this);
    } else {
      invalidation.range(
          m.pfn() << Granule.SHIFT,
          m.pages() << Granule.SHIFT,
          1L << m.pageShift(),
          m.leafOnly(),
          this);
    }
    if (hasTlbs()) {
      caller.planDevices();
      devices[m.domain()].devices(m.pfn() << Granule.SHIFT, m.pages() << Granule.SHIFT, this);
    }
    planned = null;
  }

  @Override
  public void tlbi(
      TlbiOp op, int id, long address, int num, int scale, int ttl, int tg, boolean leaf) {
    plannedCommands++;
  }

  @Override
  public void tlbiAll(TlbiOp op, int id) {
    covering.cover(0, 0);
    plannedCommands++;
  }

  @Override
  public void atcInv(int stream, int substream, long address, int order) {
    boolean all = order == SmmuInvalidation.ATC_ALL;
    planned.addAtc(stream, all ? 0 : Granule.pfn(address), all ? 0 : 1L << order);
    plannedCommands++;
  }

  @Override
  public void issue(boolean sync) {
    while (plannedCommands > SmmuInvalidation.BATCH) {
      planned.addBatch(SmmuInvalidation.BATCH, false);
      plannedCommands -= SmmuInvalidation.BATCH;
    }
    if (sync && more) {
      return;
    }
    planned.addBatch(plannedCommands, sync);
    plannedCommands = 0;
  }

  /** Has the caller make its next access as soon as it has what that touches. */
  private void access(int number, QueueCaller caller) {
    caller.turn = ++turns;
    send(reach(caller) - host.clock().now(), number, caller.turn);
  }

  private void send(long delay, int number, long turn) {
    host.clock().send(delay, host.layout().iommu(iommu), new IommuMessage.QueueStep(number, turn));
  }

  /** The instant at which the caller has done the access that is next. */
  private long reach(QueueCaller caller) {
    long now = host.clock().now();
    QueueLine line = caller.issue.line();
    return switch (line) {
      case PROD_REGISTER -> now + costs.registerWrite();
      case CONS_REGISTER -> now + costs.registerRead();
      case SLOT -> now + costs.lineAccess();
      case WORD, LOCK, VALID_MAP -> {
        int at = caller.queue * LINES + line.ordinal();
        long there = now + (lineCpu[at] == caller.cpu() ? 0 : costs.lineTransfer());
        long start = there;
        if (caller.issue.writes()) {
          lineCpu[at] = caller.cpu();
          if (line == QueueLine.WORD) {
            start = words[caller.queue].hold(there, caller, costs.lineAccess());
          } else {
            start = Math.max(there, lineFreeAt[at]);
            lineFreeAt[at] = start + costs.lineAccess();
          }
        }
        yield start + costs.lineAccess();
      }
    };
  }

  @Override
  public void queueStep(IommuMessage.QueueStep m) {
    if (m.caller() == HARDWARE) {
      execute();
      return;
    }
    QueueCaller caller = callers.get(m.caller());
    if (caller.turn == m.turn()) {
      step(m.caller(), caller);
    }
  }

  private void step(int number, QueueCaller caller) {
    if (caller.spinsOn != null) {
      stopSpinning(number, caller);
    }
    QueueAccess access = caller.issue.step(host.clock().now());
    if (caller.issue.timedOut() && waitsForDevices() && access != QueueAccess.LOAD) {
      timedOut(caller.ticket(), slowestDevice(), InvalidationTimeout.CPU);
    }
    switch (access) {
      case STORE_CONS -> wake(caller.queue, QueueAccess.LOAD);
      case PASS_OWNER -> wake(caller.queue, QueueAccess.WAIT_OWNER);
      case SET_VALID -> wake(caller.queue, QueueAccess.WAIT_VALID);
      case UNLOCK_EXCLUSIVE -> wake(caller.queue, QueueAccess.WAIT_EXCLUSIVE);
      case WRITE_PROD -> beginExecuting();
      default -> {}
    }
    if (caller.issue.done()) {
      batchDone(number, caller);
    } else if (caller.issue.spinning() && access != QueueAccess.READ_CONS) {
      spin(number, caller, access);
    } else if (access == QueueAccess.SWAPPED) {
      caller.turn = ++turns;
      long writing = caller.batchCommands() * costs.writeCommand() + handover(caller);
      send(reach(caller) - host.clock().now() + writing, number, caller.turn);
    } else {
      access(number, caller);
    }
  }

  /**
   * How long a CPU that has reserved slots waits for the queue: it comes from CPU to CPU, one after
   * the other, and the slower the more are in it. To a CPU that had it last it need not come.
   */
  private long handover(QueueCaller caller) {
    int at = caller.queue;
    long now = host.clock().now();
    if (caller.cpu() != queueCpu[at] && queueCpu[at] != HARDWARE) {
      long others = inQueue[at] - 1L;
      queueFreeAt[at] =
          Math.max(now, queueFreeAt[at])
              + costs.queueHandover()
              + costs.queueContender().ps(others) / PS;
    }
    queueCpu[at] = caller.cpu();
    return Math.max(0, queueFreeAt[at] - now);
  }

  private void batchDone(int number, QueueCaller caller) {
    if (caller.nextBatch(number)) {
      access(number, caller);
      return;
    }
    inQueue[caller.queue]--;
    complete(caller);
    caller.abandoned = caller.hasSyncs();
    if (!caller.abandoned) {
      callers.give(number);
    }
  }

  /** The caller waits for a write; one that waits for room gives up after its time. */
  private void spin(int number, QueueCaller caller, QueueAccess on) {
    caller.spinsOn = on;
    caller.turn = ++turns;
    if (spinners == spinning.length) {
      spinning = Arrays.copyOf(spinning, spinners * 2);
    }
    spinning[spinners++] = number;
    if (on == QueueAccess.LOAD || on == QueueAccess.WAIT_MSI && hasTlbs()) {
      send(caller.issue.deadline() + 1 - host.clock().now(), number, caller.turn);
    }
  }

  private void stopSpinning(int number, QueueCaller caller) {
    caller.spinsOn = null;
    int at = 0;
    while (spinning[at] != number) {
      at++;
    }
    spinners--;
    System.arraycopy(spinning, at + 1, spinning, at, spinners - at);
  }

  /**
   * Lets those that spin on it at a queue read again what was just written, in the order of their
   * coming.
   */
  private void wake(int queue, QueueAccess on) {
    for (int i = 0; i < spinners; ) {
      int number = spinning[i];
      QueueCaller caller = callers.get(number);
      if (caller.spinsOn == on && caller.queue == queue) {
        stopSpinning(number, caller);
        access(number, caller);
      } else {
        i++;
      }
    }
  }

  private void beginExecuting() {
    for (int i = 1; i <= queues.length && !executing; i++) {
      int next = (inTurn + i) % queues.length;
      if (!queues[next].idle()) {
        executing = true;
        inTurn = next;
        send(nextCommandNs(queues[next]), HARDWARE, 0);
      }
    }
  }

  private long nextCommandNs(CommandQueue queue) {
    if (queue.nextIsSync()) {
      return costs.commandSync();
    }
    QueueCaller issuer = callers.get(queue.nextIssuer());
    return issuer.whole() && !issuer.nextIsAtc() ? costs.tlbiAll() : costs.tlbi();
  }

  /** The unit has executed the next command. */
  private void execute() {
    CommandQueue queue = queues[inTurn];
    if (queue.nextIsSync() && waitsForDevices()) {
      stalled = true;
      return;
    }
    queue.consume();
    consumed(queue);
    if (queue.consumedSync() && queue.msi()) {
      int number = queue.consumedIssuer();
      QueueCaller caller = callers.get(number);
      if (caller.spinsOn == QueueAccess.WAIT_MSI) {
        stopSpinning(number, caller);
        caller.turn = ++turns;
        send(costs.msiWrite() + host.distanceToUnit(caller.cpu()), number, caller.turn);
      }
    }
    executing = false;
    beginExecuting();
  }

  private void consumed(CommandQueue queue) {
    int number = queue.consumedIssuer();
    QueueCaller caller = callers.get(number);
    if (queue.consumedSync()) {
      caller.synced();
      if (caller.abandoned && !caller.hasSyncs()) {
        caller.abandoned = false;
        callers.give(number);
      }
      return;
    }
    int atc = caller.executed();
    if (atc >= 0) {
      tellDevice(caller, (int) caller.atc(atc), caller.atc(atc + 1), caller.atc(atc + 2), 0);
    }
  }

  /** A CMD_SYNC is done when all ATC_INV before it have been answered. */
  @Override
  protected void answered() {
    if (stalled && !waitsForDevices()) {
      stalled = false;
      execute();
    }
  }
}
