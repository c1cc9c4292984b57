package dev.mapstorm.protocol.message;

/** What an IOMMU unit hears: translation requests of devices and invalidations of domains. */
public sealed interface IommuMessage extends Message {
  /** Hands itself to who hears it: calls the method that is named like it. */
  void to(Receiver receiver);

  /** Who hears these messages: one method for each. */
  interface Receiver {
    /** See {@link Translate}. */
    void translate(Translate m);

    /** See {@link Invalidate}. */
    void invalidate(Invalidate m);

    /** See {@link InvalidationDone}. */
    void invalidationDone(InvalidationDone m);
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
}
