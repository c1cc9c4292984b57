package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.MapApi;

/** A DMA client: one queue of a device and what it asks for. */
public sealed interface ClientSpec {
  /** What reports call it. */
  String name();

  /** The device it drives. */
  int device();

  /**
   * A client that makes its requests up.
   *
   * @param cpu that runs the client; clients of one host may not share it
   * @param api how it maps
   * @param batchCapacity bytes of IOVA that a batch starts with, for {@link MapApi#BATCH}
   * @param load when
   * @param workload what
   */
  record Synthetic(
      String name,
      int device,
      int cpu,
      MapApi api,
      long batchCapacity,
      LoadSpec load,
      WorkloadSpec workload)
      implements ClientSpec {}

  /**
   * A client that repeats recorded requests at their recorded instants, or later when its CPUs or
   * device are not ready.
   *
   * @param requests what it repeats
   * @param api how it maps, or null for the way each request was recorded with
   */
  record Recorded(
      String name, int device, RecordedRequests requests, MapApi api, long batchCapacity)
      implements ClientSpec {}
}
