package dev.mapstorm.actors.model.virtio;

/**
 * The request queue of a virtio-iommu ({@code __viommu_add_req}, {@code __viommu_sync_req}, {@code
 * drivers/iommu/virtio-iommu.c}). Requests only queue up; a sync notifies the device and waits for
 * all of them. One for each unit, under its {@code request_lock}. Not thread safe.
 */
public final class RequestQueue {
  /** Of a request and of its answer. */
  public static final int DESCRIPTORS_A_REQUEST = 2;

  /** What a virtqueue can have at most. */
  public static final int MAX_DESCRIPTORS = 1 << 15;

  private final int room;
  private int queued;

  /**
   * An empty queue.
   *
   * @param descriptors of the queue, 2 to {@link #MAX_DESCRIPTORS}
   */
  public RequestQueue(int descriptors) {
    if (descriptors < DESCRIPTORS_A_REQUEST || descriptors > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(
          "a request queue has 2 to " + MAX_DESCRIPTORS + " descriptors, is " + descriptors);
    }
    room = descriptors / DESCRIPTORS_A_REQUEST;
  }

  /** Whether there is no room for a request, so that all that are queued are waited for first. */
  public boolean full() {
    return queued == room;
  }

  /**
   * Queues a request.
   *
   * @throws IllegalStateException if there is no room
   */
  public void add() {
    if (full()) {
      throw new IllegalStateException("the request queue is full");
    }
    queued++;
  }

  /** The device is notified and has done all requests; returns how many. */
  public int drain() {
    int done = queued;
    queued = 0;
    return done;
  }
}
