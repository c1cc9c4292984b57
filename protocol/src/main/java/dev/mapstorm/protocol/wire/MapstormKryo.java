package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.cluster.HostReport;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * The classes that may be written, and their numbers. Nothing else is ever read or written.
 *
 * <table>
 *   <caption>Numbers of classes</caption>
 *   <tr><td>0-8</td><td>Kryo's own: primitives and {@code String}</td></tr>
 *   <tr><td>20-29</td><td>arrays and enums inside messages</td></tr>
 *   <tr><td>30-39</td><td>journal entries and checkpoints</td></tr>
 *   <tr><td>40-59</td><td>{@link DriverMessage}</td></tr>
 *   <tr><td>60-89</td><td>{@link DomainMessage}</td></tr>
 *   <tr><td>90-99</td><td>{@link IommuMessage}</td></tr>
 *   <tr><td>100-109</td><td>{@link DeviceMessage}</td></tr>
 *   <tr><td>110-119</td><td>{@link HostOrder}</td></tr>
 *   <tr><td>120-139</td><td>{@link CoordinatorMessage} and what is inside</td></tr>
 *   <tr><td>140-159</td><td>{@link CoordinatorReply} and what is inside</td></tr>
 *   <tr><td>160-169</td><td>{@link FleetEvent}, {@link FleetBook}</td></tr>
 *   <tr><td>170-179</td><td>further {@link IommuMessage}, {@link DeviceMessage}</td></tr>
 * </table>
 *
 * <p>73, 90, 91 and 102 were messages that are no longer sent.
 *
 * <p>A number is never used for another class, and a record never changes its components, because
 * stored bytes outlive both: a changed record is a new class with the next free number of its
 * range. Records are written component by component in the order of their names, enums by ordinal.
 */
public final class MapstormKryo {
  /** Numbers below this one are taken, or kept for later versions of the table. */
  public static final int FIRST_FREE = 200;

  private MapstormKryo() {}

  /** A Kryo that knows exactly the classes of the table. It is not thread-safe. */
  static Kryo create() {
    Kryo kryo = new Kryo();
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    registerAll(kryo);
    return kryo;
  }

  /** Registers the classes of the table. */
  public static void registerAll(Kryo kryo) {
    kryo.register(byte[].class, 20);
    kryo.register(int[].class, 21);
    kryo.register(long[].class, 22);
    kryo.register(DmaError.class, 23);
    kryo.register(StreamOpened.class, new StreamOpenedSerializer(), 30);
    kryo.register(EventBatch.class, new EventBatchSerializer(), 31);
    kryo.register(StreamClosed.class, new StreamClosedSerializer(), 32);
    // 33 was a checkpoint without a seal.
    record(kryo, 34, StreamCheckpoint.class);
    registerDriverMessages(kryo);
    registerDomainMessages(kryo);
    registerIommuMessages(kryo);
    registerDeviceMessages(kryo);
    registerCluster(kryo);
  }

  private static void registerDriverMessages(Kryo kryo) {
    record(kryo, 40, DriverMessage.Start.class);
    record(kryo, 41, DriverMessage.Wake.class);
    record(kryo, 42, DriverMessage.Completed.class);
    record(kryo, 43, DriverMessage.Stolen.class);
    record(kryo, 44, DriverMessage.Mapped.class);
    record(kryo, 45, DriverMessage.BatchStarted.class);
    record(kryo, 46, DriverMessage.BatchAdded.class);
    record(kryo, 47, DriverMessage.IovaReady.class);
    record(kryo, 48, DriverMessage.Linked.class);
    record(kryo, 49, DriverMessage.Unlinked.class);
    record(kryo, 50, DriverMessage.Unmapped.class);
    record(kryo, 51, DriverMessage.CallFailed.class);
    record(kryo, 52, DriverMessage.Synced.class);
    record(kryo, 53, DriverMessage.LinkFailed.class);
    record(kryo, 54, DriverMessage.PageFault.class);
  }

  private static void registerDomainMessages(Kryo kryo) {
    record(kryo, 60, DomainMessage.MapPage.class);
    record(kryo, 61, DomainMessage.MapSg.class);
    record(kryo, 62, DomainMessage.BatchStart.class);
    record(kryo, 63, DomainMessage.BatchAdd.class);
    record(kryo, 64, DomainMessage.BatchFinalise.class);
    record(kryo, 65, DomainMessage.IovaTryAlloc.class);
    record(kryo, 66, DomainMessage.IovaLink.class);
    record(kryo, 67, DomainMessage.IovaSync.class);
    record(kryo, 68, DomainMessage.IovaUnlink.class);
    record(kryo, 69, DomainMessage.IovaDestroy.class);
    record(kryo, 70, DomainMessage.IovaFree.class);
    record(kryo, 71, DomainMessage.AllocCoherent.class);
    record(kryo, 72, DomainMessage.Unmap.class);
    record(kryo, 74, DomainMessage.Invalidated.class);
    record(kryo, 75, DomainMessage.Resume.class);
    record(kryo, 76, DomainMessage.FlushTimer.class);
    record(kryo, 77, DomainMessage.DepotWork.class);
    record(kryo, 78, DomainMessage.SyncForCpu.class);
    record(kryo, 79, DomainMessage.SyncForDevice.class);
    record(kryo, 80, DomainMessage.IommuMap.class);
  }

  private static void registerIommuMessages(Kryo kryo) {
    record(kryo, 92, IommuMessage.Invalidate.class);
    record(kryo, 93, IommuMessage.InvalidationDone.class);
    record(kryo, 94, IommuMessage.Translate.class);
    record(kryo, 95, IommuMessage.InvalidatePages.class);
    record(kryo, 96, IommuMessage.QueueRequests.class);
    record(kryo, 97, IommuMessage.QueueStep.class);
    record(kryo, 98, IommuMessage.InvalidateRanges.class);
    record(kryo, 99, IommuMessage.Access.class);
    record(kryo, 170, IommuMessage.TranslateForTlb.class);
    record(kryo, 171, IommuMessage.AccessTranslated.class);
    record(kryo, 172, IommuMessage.TlbInvalidated.class);
    record(kryo, 173, IommuMessage.TlbTimeout.class);
  }

  private static void registerDeviceMessages(Kryo kryo) {
    record(kryo, 100, DeviceMessage.Doorbell.class);
    record(kryo, 101, DeviceMessage.Ready.class);
    record(kryo, 103, DeviceMessage.Transferred.class);
    record(kryo, 104, DeviceMessage.Translated.class);
    record(kryo, 105, DeviceMessage.Accessed.class);
    record(kryo, 174, DeviceMessage.TlbFilled.class);
    record(kryo, 175, DeviceMessage.InvalidateTlb.class);
  }

  private static void registerCluster(Kryo kryo) {
    record(kryo, 110, HostOrder.RunHost.class);
    record(kryo, 111, HostOrder.StopHost.class);
    record(kryo, 112, HostOrder.OutcomeKept.class);
    record(kryo, 120, CoordinatorMessage.SubmitFleet.class);
    record(kryo, 121, CoordinatorMessage.StopFleet.class);
    record(kryo, 122, CoordinatorMessage.AskDefinition.class);
    record(kryo, 123, CoordinatorMessage.AskOverview.class);
    record(kryo, 124, CoordinatorMessage.AskHosts.class);
    record(kryo, 125, CoordinatorMessage.HostEnded.class);
    record(kryo, 126, CoordinatorMessage.NodeReport.class);
    record(kryo, 127, HostReport.class);
    kryo.register(HostReport[].class, 128);
    record(kryo, 129, HostOutcome.class);
    kryo.register(HostOutcome[].class, 130);
    record(kryo, 131, CoordinatorMessage.HostLeft.class);
    record(kryo, 132, CoordinatorMessage.AskPresent.class);
    record(kryo, 140, CoordinatorReply.Accepted.class);
    record(kryo, 141, CoordinatorReply.Refused.class);
    record(kryo, 142, CoordinatorReply.Definition.class);
    record(kryo, 143, CoordinatorReply.Overview.class);
    record(kryo, 144, CoordinatorReply.Hosts.class);
    record(kryo, 145, CoordinatorReply.FleetSummary.class);
    kryo.register(CoordinatorReply.FleetSummary[].class, 146);
    record(kryo, 147, CoordinatorReply.NodeSummary.class);
    kryo.register(CoordinatorReply.NodeSummary[].class, 148);
    record(kryo, 149, HostMove.class);
    kryo.register(HostMove[].class, 150);
    record(kryo, 151, CoordinatorReply.HostSummary.class);
    kryo.register(CoordinatorReply.HostSummary[].class, 152);
    record(kryo, 153, CoordinatorReply.Moves.class);
    record(kryo, 154, CoordinatorReply.Present.class);
    record(kryo, 160, FleetEvent.Submitted.class);
    record(kryo, 161, FleetEvent.Ended.class);
    record(kryo, 162, FleetEvent.Stopped.class);
    record(kryo, 163, FleetBook.class);
    record(kryo, 164, FleetBook.Fleet.class);
    kryo.register(FleetBook.Fleet[].class, 165);
    record(kryo, 166, FleetEvent.Moved.class);
  }

  private static <T extends Record> void record(Kryo kryo, int id, Class<T> type) {
    kryo.register(type, new RecordSerializer<>(type), id);
  }
}
