package dev.mapstorm.protocol.message;

import dev.mapstorm.protocol.DmaError;

/** What a device hears: doorbells, answers of its IOMMU, and its own latencies. */
public sealed interface DeviceMessage extends Message {
  /** Hands itself to who hears it: calls the method that is named like it. */
  void to(Receiver receiver);

  /** Who hears these messages: one method for each. */
  interface Receiver {
    /** See {@link Doorbell}. */
    void doorbell(Doorbell m);

    /** See {@link Ready}. */
    void ready(Ready m);

    /** See {@link Translated}. */
    void translated(Translated m);

    /** See {@link Accessed}. */
    void accessed(Accessed m);

    /** See {@link Transferred}. */
    void transferred(Transferred m);

    /** See {@link TlbFilled}. */
    void tlbFilled(TlbFilled m);

    /** See {@link InvalidateTlb}. */
    void invalidateTlb(InvalidateTlb m);
  }

  /**
   * A driver posted a request: {@code bytes} in {@code vectors}; the completion carries {@code tag}
   * back (the command identifier).
   */
  record Doorbell(int client, long op, int tag, int direction, long bytes, long[] vectors)
      implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.doorbell(this);
    }
  }

  /** The medium has the data of the request in {@code slot}, or the wire has its packet. */
  record Ready(int slot) implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.ready(this);
    }
  }

  /**
   * The addresses of the request in {@code slot} are translated: {@code pages}, of which {@code
   * hits} in the IOTLB, with {@code reads} of page tables; the first granule that the device may
   * not use so, or -1, and why not.
   */
  record Translated(
      int slot, long pages, long hits, long reads, long stallNs, long faultPfn, DmaError fault)
      implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.translated(this);
    }
  }

  /**
   * What became of the access from {@code slot} that no request is for: a code of {@link
   * dev.mapstorm.protocol.AccessOutcome}.
   */
  record Accessed(int slot, int outcome) implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.accessed(this);
    }
  }

  /** The link has moved the request in {@code slot}. */
  record Transferred(int slot) implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.transferred(this);
    }
  }

  /**
   * As {@link Translated}, with the translations for the device's own TLB: {@code entries} has four
   * words each, an address in the page, log2 of its bytes, the physical page and its rights.
   */
  record TlbFilled(
      int slot,
      long pages,
      long hits,
      long reads,
      long stallNs,
      long faultPfn,
      DmaError fault,
      long[] entries)
      implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.tlbFilled(this);
    }
  }

  /**
   * Unit {@code iommu}, in its invalidation {@code ticket}, has the device forget {@code pages}
   * granules from {@code pfn}; {@code pages} 0 is all. The answer carries {@code turn}.
   */
  record InvalidateTlb(int iommu, long turn, long ticket, long pfn, long pages)
      implements DeviceMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidateTlb(this);
    }
  }
}
