package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.MapApi;

/** A DMA client: one queue of a device and what it asks for. */
public sealed interface ClientSpec {
  /** What reports call it. */
  String name();

  /** The device it drives. */
  int device();

  /**
   * A client that one CPU runs: it maps, submits, and unmaps what its device completed. Clients of
   * one host may not share a CPU.
   */
  sealed interface Queue extends ClientSpec {
    /** The CPU. */
    int cpu();

    /** How it maps. */
    MapApi api();

    /** Bytes of IOVA that a batch starts with, for {@link MapApi#BATCH}. */
    long batchCapacity();

    /** When it asks. */
    LoadSpec load();
  }

  /**
   * A client that makes its requests up.
   *
   * @param load a rate, or a closed loop
   * @param workload what it asks for
   */
  record Synthetic(
      String name,
      int device,
      int cpu,
      MapApi api,
      long batchCapacity,
      LoadSpec load,
      WorkloadSpec workload)
      implements Queue {}

  /**
   * A client that asks again for what such a client asked for in an earlier run.
   *
   * @param load as recorded, or a closed loop
   * @param requests maps, numbered from 0 without gaps
   */
  record Repeated(
      String name,
      int device,
      int cpu,
      MapApi api,
      long batchCapacity,
      LoadSpec load,
      RecordedRequests requests)
      implements Queue {}

  /**
   * A client that repeats recorded requests and their releases at their recorded instants and on
   * their CPUs, or later when its CPUs or device are not ready.
   *
   * @param requests what it repeats
   * @param api how it maps, or null for the way each request was recorded with
   */
  record Recorded(
      String name, int device, RecordedRequests requests, MapApi api, long batchCapacity)
      implements ClientSpec {}
}
