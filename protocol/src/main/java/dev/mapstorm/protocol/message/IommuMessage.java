package dev.mapstorm.protocol.message;

/** What an IOMMU unit hears: translation requests of devices and invalidations of domains. */
public sealed interface IommuMessage extends Message {
  /** Hands itself to who hears it: calls the method that is named like it. */
  void to(Receiver receiver);

  /**
   * Who hears these messages: one method for each. A kind of unit answers those that its driver
   * sends it.
   */
  interface Receiver {
    /** See {@link Translate}. */
    void translate(Translate m);

    /** See {@link Access}. */
    default void access(Access m) {
      throw unexpected(m);
    }

    /** See {@link Invalidate}. */
    default void invalidate(Invalidate m) {
      throw unexpected(m);
    }

    /** See {@link InvalidationDone}. */
    default void invalidationDone(InvalidationDone m) {
      throw unexpected(m);
    }

    /** See {@link InvalidatePages}. */
    default void invalidatePages(InvalidatePages m) {
      throw unexpected(m);
    }

    /** See {@link InvalidateRanges}. */
    default void invalidateRanges(InvalidateRanges m) {
      throw unexpected(m);
    }

    /** See {@link QueueRequests}. */
    default void queueRequests(QueueRequests m) {
      throw unexpected(m);
    }

    /** See {@link QueueStep}. */
    default void queueStep(QueueStep m) {
      throw unexpected(m);
    }

    /** See {@link TranslateForTlb}. */
    default void translateForTlb(TranslateForTlb m) {
      throw unexpected(m);
    }

    /** See {@link AccessTranslated}. */
    default void accessTranslated(AccessTranslated m) {
      throw unexpected(m);
    }

    /** See {@link TlbInvalidated}. */
    default void tlbInvalidated(TlbInvalidated m) {
      throw unexpected(m);
    }

    /** See {@link TlbTimeout}. */
    default void tlbTimeout(TlbTimeout m) {
      throw unexpected(m);
    }

    private IllegalStateException unexpected(IommuMessage m) {
      return new IllegalStateException(getClass().getSimpleName() + " is sent no " + m);
    }
  }

  /**
   * A device is about to use {@code vectors} for the request in its {@code slot}, in the {@code
   * direction} of the request.
   */
  record Translate(int device, int domain, int slot, int direction, long[] vectors)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.translate(this);
    }
  }

  /**
   * A device uses one {@code address}, in a {@code direction}, for no request in flight; the answer
   * goes to its {@code slot}.
   */
  record Access(int device, int domain, int slot, int direction, long address)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.access(this);
    }
  }

  /**
   * CPU {@code cpu}, in call {@code call} of a domain, has the unit forget {@code pages} granules
   * from {@code pfn}, and waits for it; {@code pages} 0 asks for the whole domain. The domain knows
   * the call by {@code number} in messages, by {@code call} in events.
   */
  record Invalidate(int domain, int number, long call, int cpu, long pfn, long pages)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidate(this);
    }
  }

  /** The unit has executed its invalidation {@code number}. */
  record InvalidationDone(int number) implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidationDone(this);
    }
  }

  /**
   * As {@link Invalidate}, to a unit whose commands depend on the size of the pages, {@code
   * 2^pageShift} bytes, and on whether tables were freed.
   */
  record InvalidatePages(
      int domain,
      int number,
      long call,
      int cpu,
      long pfn,
      long pages,
      int pageShift,
      boolean leafOnly)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidatePages(this);
    }
  }

  /**
   * As {@link Invalidate} for several ranges, pairs of first granule and count, that the CPU waits
   * for together.
   */
  record InvalidateRanges(int domain, int number, long call, int cpu, long[] ranges)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidateRanges(this);
    }
  }

  /**
   * CPU {@code cpu}, in call {@code call} of a domain, has queued so many requests for so many
   * pages in the unit and waits until all that are queued are done. If it {@code invalidates}, the
   * unit forgets {@code pages} granules from {@code pfn}; {@code pages} 0 is the whole domain.
   */
  record QueueRequests(
      int domain,
      int number,
      long call,
      int cpu,
      int maps,
      long mapPages,
      int unmaps,
      long unmapPages,
      boolean invalidates,
      long pfn,
      long pages)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.queueRequests(this);
    }
  }

  /**
   * A CPU in the unit's queue, by its number there, is at its next access; -1 for the unit itself.
   * A CPU that has gone on since, in another way than by this {@code turn}, does not hear it.
   */
  record QueueStep(int caller, long turn) implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.queueStep(this);
    }
  }

  /**
   * As {@link Translate}, of a device that keeps the translations in a TLB of its own (ATS
   * translation requests): {@code vectors} are what that does not have.
   */
  record TranslateForTlb(int device, int domain, int slot, int direction, long[] vectors)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.translateForTlb(this);
    }
  }

  /**
   * As {@link Access}, by a device that has a translation of its own: to the physical page at
   * {@code page}. The unit does not check it.
   */
  record AccessTranslated(int device, int domain, int slot, long address, long page)
      implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.accessTranslated(this);
    }
  }

  /** A device has forgotten what the unit's request {@code turn} told it to forget. */
  record TlbInvalidated(long turn) implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.tlbInvalidated(this);
    }
  }

  /** The time for the answer to the unit's request {@code turn} to a device is over. */
  record TlbTimeout(long turn) implements IommuMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.tlbTimeout(this);
    }
  }
}
