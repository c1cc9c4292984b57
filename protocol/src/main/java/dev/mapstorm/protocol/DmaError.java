package dev.mapstorm.protocol;

/** Why a DMA call or access failed. The order is the code in the journal: append only. */
public enum DmaError {
  /** No IOVA of that size below the limit ({@code DMA_MAPPING_ERROR}, {@code -ENOMEM}). */
  NO_IOVA("no IOVA space (-ENOMEM)"),
  /** A two-step link that starts unaligned behind the first piece ({@code -EIO}). */
  MISALIGNED_LINK("misaligned link (-EIO)"),
  /** A page-table entry was already present. */
  ALREADY_MAPPED("already mapped (-EEXIST)"),
  /** The device met a page-table entry that is not present. */
  NOT_PRESENT("entry not present (fault)"),
  /** A call named a mapping or state that does not exist. */
  UNKNOWN_MAPPING("unknown mapping (-EINVAL)"),
  /** A link, sync or unlink reaches outside the allocated IOVA range. */
  OUT_OF_RANGE("outside the IOVA range (-EINVAL)"),
  /** The call has no meaning for the backend, so the caller must map element by element. */
  NOT_SUPPORTED("not supported by the backend (-EOPNOTSUPP)"),
  /** The device wrote to what it may only read, or read what it may only write. */
  ACCESS_DENIED("access not permitted (fault)"),
  /** {@code DMA_MAPPING_ERROR}: no bounce slots, or none that the device reaches. */
  NO_BOUNCE("swiotlb buffer is full"),
  /** A two-step link whose IOVA lies inside a granule: the piece before ended in it. */
  IOVA_INSIDE_GRANULE("IOVA inside a granule (-EINVAL)");

  private static final DmaError[] ALL = values();

  private final String label;

  DmaError(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static DmaError of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no DmaError has code " + code);
    }
    return ALL[code];
  }
}
