package dev.mapstorm.protocol.event.declaration;

/** What an argument counts. */
public enum Unit {
  /** A plain number: how many, which one, or a code. */
  NUMBER(""),
  /** Nanoseconds of virtual time. */
  NS("ns"),
  /** Bytes. */
  BYTES("bytes"),
  /** How many granules of 4 KiB. */
  GRANULES("granules"),
  /** Which granule of IOVA space or of physical memory: an address without its lowest 12 bits. */
  GRANULE("granule number");

  private final String label;

  Unit(String label) {
    this.label = label;
  }

  /** What the documentation calls it; empty for a plain number. */
  public String label() {
    return label;
  }
}
