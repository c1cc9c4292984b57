package dev.mapstorm.persistence.inflight;

/** How far a request is. */
public enum RequestStage {
  /** Asked for; its mapping calls are under way. */
  MAPPING("mapping"),
  /** At least one mapping is made or reused, and the device does not know of it. */
  MAPPED("mapped"),
  /** The doorbell rang. */
  SUBMITTED("at device"),
  /** The device has its translations and moves data. */
  TRANSLATED("transferring"),
  /** The device is finished; it is not unmapped. */
  COMPLETED("completed"),
  /** Part of it, or all, is unmapped. */
  UNMAPPED("unmapping"),
  /** A mapping call failed; what was mapped is given back. */
  FAILED("failed");

  private final String label;

  RequestStage(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }
}
