package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.MapApi;

/** A DMA client: one queue of a device and what it asks for. */
public sealed interface ClientSpec {
  /** What reports call it. */
  String name();

  /** The device it drives. */
  int device();

  /**
   * A client that one CPU runs, or two: one maps and submits, the same or another one unmaps what
   * the device completed. Clients of one host may not share a CPU.
   */
  sealed interface Queue extends ClientSpec {
    /** The CPU that maps and submits. */
    int cpu();

    /** The CPU that the device interrupts, which finishes requests and unmaps them. */
    int completionCpu();

    /** How it maps. */
    MapApi api();

    /** When a batch is full, for {@link MapApi#BATCH}. */
    BatchSize batch();

    /** When it asks. */
    LoadSpec load();

    /** The block layer above it, or null. */
    BlockSpec block();

    /** How it registers memory with an RDMA device; null if it does not. */
    RegionSpec region();
  }

  /**
   * A client that makes its requests up.
   *
   * @param cpu that maps and submits
   * @param completionCpu that finishes and unmaps; may be the same
   * @param load a rate, or a closed loop
   * @param workload what it asks for
   * @param block the block layer above it, or null
   * @param region how it registers memory with an RDMA device, or null
   */
  record Synthetic(
      String name,
      int device,
      int cpu,
      int completionCpu,
      MapApi api,
      BatchSize batch,
      LoadSpec load,
      WorkloadSpec workload,
      BlockSpec block,
      RegionSpec region)
      implements Queue {

    /** Without memory regions. */
    public Synthetic(
        String name,
        int device,
        int cpu,
        int completionCpu,
        MapApi api,
        BatchSize batch,
        LoadSpec load,
        WorkloadSpec workload,
        BlockSpec block) {
      this(name, device, cpu, completionCpu, api, batch, load, workload, block, null);
    }

    /** Without a block layer. */
    public Synthetic(
        String name,
        int device,
        int cpu,
        int completionCpu,
        MapApi api,
        BatchSize batch,
        LoadSpec load,
        WorkloadSpec workload) {
      this(name, device, cpu, completionCpu, api, batch, load, workload, null);
    }

    /** One CPU does it all. */
    public Synthetic(
        String name,
        int device,
        int cpu,
        MapApi api,
        BatchSize batch,
        LoadSpec load,
        WorkloadSpec workload) {
      this(name, device, cpu, cpu, api, batch, load, workload);
    }
  }

  /**
   * A client that asks again for what such a client asked for in an earlier run.
   *
   * @param cpu that maps and submits
   * @param completionCpu that finishes and unmaps; may be the same
   * @param load as recorded, or a closed loop
   * @param requests maps, numbered from 0 without gaps
   * @param block the block layer above it, or null
   * @param region how it registers memory with an RDMA device, or null
   */
  record Repeated(
      String name,
      int device,
      int cpu,
      int completionCpu,
      MapApi api,
      BatchSize batch,
      LoadSpec load,
      RecordedRequests requests,
      BlockSpec block,
      RegionSpec region)
      implements Queue {

    /** One CPU does it all. */
    public Repeated(
        String name,
        int device,
        int cpu,
        MapApi api,
        BatchSize batch,
        LoadSpec load,
        RecordedRequests requests) {
      this(name, device, cpu, cpu, api, batch, load, requests, null, null);
    }
  }

  /**
   * A client that repeats recorded requests and their releases at their recorded instants and on
   * their CPUs, or later when its CPUs or device are not ready.
   *
   * @param requests what it repeats
   * @param api how it maps, or null for the way each request was recorded with
   */
  record Recorded(String name, int device, RecordedRequests requests, MapApi api, BatchSize batch)
      implements ClientSpec {}
}
