package dev.mapstorm.actors.unit;

/** A unit has told a device to forget translations, and waits for its answer. */
final class TlbRequest {
  final long turn;

  /** The invalidation that it is part of, and which one that is: records are used again. */
  final PostedInvalidation of;

  final long ticket;
  final int device;
  final long sentAt;

  TlbRequest(long turn, PostedInvalidation of, int device, long sentAt) {
    this.turn = turn;
    this.of = of;
    ticket = of.ticket();
    this.device = device;
    this.sentAt = sentAt;
  }

  /** Whether its invalidation is still in hand. */
  boolean isAwaited() {
    return of.isPosted() && of.ticket() == ticket;
  }
}
