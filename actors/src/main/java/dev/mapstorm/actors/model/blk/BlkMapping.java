package dev.mapstorm.actors.model.blk;

import dev.mapstorm.actors.model.twostep.IovaState;
import dev.mapstorm.actors.model.twostep.TwoStepCalls;
import dev.mapstorm.protocol.Direction;

/** What {@code blk_rq_dma_map_iter_start} made of a request. Reusable; not thread safe. */
public final class BlkMapping {
  /** How the request ended ({@code blk_status_t}). */
  public enum Status {
    /** {@code BLK_STS_OK}. */
    OK,
    /** {@code BLK_STS_RESOURCE}: no memory, to be tried again. */
    RESOURCE,
    /** {@code BLK_STS_IOERR}. */
    IOERR
  }

  private final IovaState state = new IovaState();
  private boolean range;
  private Status status = Status.OK;
  private long linked;

  /**
   * Tries to map a request as one range.
   *
   * @param calls the two-step calls of the device's domain
   * @param mergeBoundary {@code dma_get_merge_boundary}: granule - 1
   * @return false if each segment is to be mapped by itself
   */
  public boolean start(
      BlkRule rule,
      BlkRequest request,
      TwoStepCalls calls,
      long mergeBoundary,
      Direction direction) {
    status = Status.OK;
    linked = 0;
    range =
        rule.oneRange(request, mergeBoundary)
            && calls.tryAlloc(state, request.phys(0), request.bytes());
    if (range) {
      link(rule, request, calls, direction);
    }
    return range;
  }

  /** {@code blk_rq_dma_map_iova}. */
  private void link(BlkRule rule, BlkRequest request, TwoStepCalls calls, Direction direction) {
    int error = 0;
    for (int i = 0; i < request.segments() && error == 0; i++) {
      error = calls.link(state, request.phys(i), linked, request.length(i), direction);
      linked += error == 0 ? request.length(i) : 0;
    }
    if (error == 0 || !rule.destroysOnError()) {
      // Before 7.1 the error of a link is overwritten here.
      error = calls.sync(state, 0, linked);
    }
    status = status(error);
    if (error != 0 && rule.destroysOnError()) {
      calls.destroy(state, linked, direction);
    }
  }

  /** {@code errno_to_blk_status}, of the errors that there are. */
  private static Status status(int error) {
    return switch (error) {
      case 0 -> Status.OK;
      case TwoStepCalls.ENOMEM -> Status.RESOURCE;
      default -> Status.IOERR;
    };
  }

  /** {@code blk_rq_dma_unmap} of a request that is one range. */
  public void unmap(TwoStepCalls calls, Direction direction) {
    calls.destroy(state, state.size(), direction);
  }

  /** How it ended. */
  public Status status() {
    return status;
  }

  /** Address of the one vector that the device sees. */
  public long addr() {
    return state.addr();
  }

  /** Bytes of the one vector. */
  public long length() {
    return state.size();
  }

  /** Bytes that were linked: fewer than {@link #length} if an error was lost. */
  public long linked() {
    return linked;
  }
}
