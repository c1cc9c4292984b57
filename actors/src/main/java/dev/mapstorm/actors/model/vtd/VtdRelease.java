package dev.mapstorm.actors.model.vtd;

/** Where the VT-d driver differs between releases in what it invalidates. */
public enum VtdRelease {
  /** Linux 6.12. */
  LINUX_6_12,
  /**
   * Linux 7.2: the whole space of a device's TLB is named with the tag's PASID; what a nested
   * device's TLB widens, stays wide for the tags after it.
   */
  LINUX_7_2
}
