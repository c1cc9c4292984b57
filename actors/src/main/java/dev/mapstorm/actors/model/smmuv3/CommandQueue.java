package dev.mapstorm.actors.model.smmuv3;

/**
 * The command queue of an SMMUv3 as CPUs and hardware share it: {@code struct arm_smmu_cmdq} of
 * {@code drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h} in Linux 6.12, with the two registers.
 *
 * <p>Positions are {@code shift + 1} bits: an index and, above it, the wrap bit. The software's
 * PROD and CONS stand in one word that is swapped as a whole; bit 31 of its PROD is {@link #OWNED}.
 * A slot is valid if its bit in the map is the inverse of the wrap bit of its position.
 *
 * <p>A {@link CommandIssue} is one CPU inside {@code arm_smmu_cmdq_issue_cmdlist}. The hardware
 * takes one command with each {@link #consume}. No time, and no order but that of the calls. Not
 * thread safe.
 */
public final class CommandQueue {
  /** {@code CMDQ_PROD_OWNED_FLAG}: somebody gathers what others reserve. */
  public static final int OWNED = 1 << 31;

  /** {@code ilog2(BITS_PER_LONG)}: the valid map has whole words only. */
  public static final int MIN_SHIFT = 6;

  /** {@code IDR1.CMDQS} has five bits, of which the architecture allows up to 19. */
  public static final int MAX_SHIFT = 19;

  /** Lock count while it is held exclusively. */
  private static final int EXCLUSIVE = Integer.MIN_VALUE;

  private static final int NOTHING = -1;

  private final int shift;
  private final boolean msi;
  private final long[] validMap;
  private final int[] issuer;
  private final int[] index;
  private final long[] msiPending;

  private int prod;
  private int cons;
  private int ownerProd;
  private int lock;
  private int prodRegister;
  private int consRegister;

  private int consumedPosition;
  private int consumedIssuer;
  private int consumedIndex;
  private boolean consumedSync;

  /**
   * An empty queue.
   *
   * @param shift base-two logarithm of its entries, {@link #MIN_SHIFT} to {@link #MAX_SHIFT}
   * @param msi whether a CMD_SYNC ends with a write into its own slot ({@code ARM_SMMU_FEAT_MSI}
   *     with a coherent queue); else the CPU reads CONS until it has passed
   * @throws IllegalArgumentException if the shift is out of range
   */
  public CommandQueue(int shift, boolean msi) {
    if (shift < MIN_SHIFT || shift > MAX_SHIFT) {
      throw new IllegalArgumentException(
          "a command queue has 2^" + MIN_SHIFT + " to 2^" + MAX_SHIFT + " entries, is 2^" + shift);
    }
    this.shift = shift;
    this.msi = msi;
    int entries = 1 << shift;
    validMap = new long[entries / Long.SIZE];
    msiPending = new long[entries / Long.SIZE];
    issuer = new int[entries];
    index = new int[entries];
  }

  /** Entries of the queue. */
  public int entries() {
    return 1 << shift;
  }

  /** Whether a CMD_SYNC is awaited in its slot, not by CONS. */
  public boolean msi() {
    return msi;
  }

  /** The software's PROD, with {@link #OWNED}. */
  public int prod() {
    return prod;
  }

  /** The software's CONS: not after the register's. */
  public int cons() {
    return cons;
  }

  /** Where the run of the present or next owner begins. */
  public int ownerProd() {
    return ownerProd;
  }

  /** CPUs that wait for a CMD_SYNC, plus {@link Integer#MIN_VALUE} while it is held exclusively. */
  public int lock() {
    return lock;
  }

  /** The PROD register. */
  public int prodRegister() {
    return prodRegister;
  }

  /** The CONS register. */
  public int consRegister() {
    return consRegister;
  }

  /** Whether the hardware has nothing to take. */
  public boolean idle() {
    return consRegister == prodRegister;
  }

  /**
   * The hardware takes the next command; what it was, the {@code consumed} methods say.
   *
   * @return false if there is none
   */
  public boolean consume() {
    if (idle()) {
      return false;
    }
    int slot = indexOf(consRegister);
    consumedPosition = consRegister;
    consumedSync = index[slot] == NOTHING;
    consumedIssuer = issuer[slot];
    consumedIndex = index[slot];
    if (consumedSync) {
      msiPending[slot / Long.SIZE] &= ~(1L << slot);
    }
    consRegister = advance(consRegister, 1);
    return true;
  }

  /** Whether the next command, of which there is one, is a CMD_SYNC. */
  public boolean nextIsSync() {
    return index[indexOf(consRegister)] == NOTHING;
  }

  /** Who issued the next command, of which there is one, as {@link CommandIssue#begin} was told. */
  public int nextIssuer() {
    return issuer[indexOf(consRegister)];
  }

  /** Position of the command that was taken last. */
  public int consumedPosition() {
    return consumedPosition;
  }

  /** Whether the command that was taken last is a CMD_SYNC. */
  public boolean consumedSync() {
    return consumedSync;
  }

  /** Who issued the command that was taken last, as {@link CommandIssue#begin} was told. */
  public int consumedIssuer() {
    return consumedIssuer;
  }

  /** Number of the command that was taken last in its call, from 0. */
  public int consumedIndex() {
    return consumedIndex;
  }

  int indexOf(int position) {
    return position & entries() - 1;
  }

  boolean wrapped(int position) {
    return (position & entries()) != 0;
  }

  /** {@code queue_inc_prod_n}, without {@link #OWNED}. */
  int advance(int position, int n) {
    return position + n & 2 * entries() - 1;
  }

  /** {@code queue_has_space}. */
  boolean hasSpace(int prodRead, int consRead, int n) {
    int used = indexOf(prodRead) - indexOf(consRead);
    int space = wrapped(prodRead) == wrapped(consRead) ? entries() - used : -used;
    return space >= n;
  }

  /** {@code queue_full}. */
  boolean full(int prodRead, int consRead) {
    return indexOf(prodRead) == indexOf(consRead) && wrapped(prodRead) != wrapped(consRead);
  }

  /** {@code queue_consumed}: whether the slot at {@code position} lies before CONS. */
  boolean consumed(int consRead, int position) {
    return wrapped(consRead) == wrapped(position)
        ? indexOf(consRead) > indexOf(position)
        : indexOf(consRead) <= indexOf(position);
  }

  /** {@code cmpxchg} of the word to a PROD that is {@link #OWNED}. */
  boolean swap(int prodRead, int consRead, int newProd) {
    if (prod != prodRead || cons != consRead) {
      return false;
    }
    prod = newProd | OWNED;
    return true;
  }

  /** Writes commands, and a CMD_SYNC after them, into slots that were reserved. */
  void write(int position, int commands, boolean sync, int issuedBy) {
    for (int i = 0; i < commands; i++) {
      int slot = indexOf(position + i);
      issuer[slot] = issuedBy;
      index[slot] = i;
    }
    if (sync) {
      int slot = indexOf(position + commands);
      issuer[slot] = issuedBy;
      index[slot] = NOTHING;
      msiPending[slot / Long.SIZE] |= 1L << slot;
    }
  }

  /** Flips valid bits of one word. */
  void flipValid(int word, long mask) {
    validMap[word] ^= mask;
  }

  /** Whether all slots of {@code mask} in a word are valid for the lap of {@code position}. */
  boolean valid(int word, long mask, int position) {
    return (validMap[word] & mask) == (wrapped(position) ? 0 : mask);
  }

  /** Clears {@link #OWNED}; returns PROD without it. */
  int endGather() {
    prod &= ~OWNED;
    return prod;
  }

  void writeProd(int position) {
    prodRegister = position;
  }

  void passOwner(int position) {
    ownerProd = position;
  }

  boolean msiWritten(int position) {
    int slot = indexOf(position);
    return (msiPending[slot / Long.SIZE] & 1L << slot) == 0;
  }

  void storeCons(int position) {
    cons = position;
  }

  /** {@code atomic_fetch_inc}: negative if the lock is held exclusively. */
  int lockShared() {
    return lock++;
  }

  int unlockShared() {
    return --lock;
  }

  /** {@code arm_smmu_cmdq_exclusive_trylock}; returns the count found, 0 if it is had now. */
  int tryExclusive() {
    int found = lock;
    if (found == 0) {
      lock = EXCLUSIVE;
    }
    return found;
  }

  /** Those that counted themselves in meanwhile have the lock now. */
  int unlockExclusive() {
    lock &= ~EXCLUSIVE;
    return lock;
  }
}
