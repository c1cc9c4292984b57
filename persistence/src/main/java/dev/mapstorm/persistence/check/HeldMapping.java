package dev.mapstorm.persistence.check;

import java.util.Optional;

/** A mapping from its making until its story is forgotten. */
final class HeldMapping {
  final int client;
  final long op;
  final int domain;
  final long pfn;
  final long pages;
  final Deed mapped;

  /** Granules whose entries were cleared. */
  long cleared;

  /** Null while it is mapped. */
  Deed unmapped;

  /** The instant at which its client was done with it without unmapping it; -1 if it was not. */
  long doneAt = -1;

  HeldMapping(int client, long op, int domain, long pfn, long pages, Deed mapped) {
    this.client = client;
    this.op = op;
    this.domain = domain;
    this.pfn = pfn;
    this.pages = pages;
    this.mapped = mapped;
  }

  boolean holds(long granule) {
    return granule >= pfn && granule < pfn + pages;
  }

  Story story() {
    return new Story(client, op, domain, pfn, pages, mapped, Optional.ofNullable(unmapped));
  }
}
