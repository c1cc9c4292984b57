package dev.mapstorm.load.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Parts the operations of a trace by domain.
 *
 * <p>A device's domain id is that of the range flushes of its unmaps; devices with the same id
 * share a domain. Flushes of whole domains name only an id. Ids that no range flush told are given
 * to the remaining devices, both in ascending order: VT-d takes the lowest free id when a device is
 * probed, and PCI devices are probed in the order of their addresses. If there are more such ids
 * than devices their flushes are left out.
 */
final class DomainSplit {
  private final SortedMap<String, Integer> idOfDevice = new TreeMap<>();
  private final SortedMap<Integer, List<Operation>> byId = new TreeMap<>();
  private final SortedMap<String, List<Operation>> byDevice = new TreeMap<>();
  private long unassigned;

  /** Parts operations; their order is kept. */
  DomainSplit(List<Operation> operations) {
    for (Operation operation : operations) {
      if (!operation.device.isEmpty()) {
        idOfDevice.merge(operation.device, operation.domainId, Math::max);
      }
    }
    assignRemainingIds(operations);
    for (Operation operation : operations) {
      put(operation);
    }
  }

  /** The operations of each domain; those with an id first. */
  List<List<Operation>> domains() {
    List<List<Operation>> domains = new ArrayList<>();
    for (List<Operation> domain : byId.values()) {
      if (domain.stream().anyMatch(operation -> !operation.device.isEmpty())) {
        domains.add(domain);
      } else {
        unassigned += domain.size();
      }
    }
    domains.addAll(byDevice.values());
    return domains;
  }

  /** Flushes left out. Known once {@link #domains} was called. */
  long unassigned() {
    return unassigned;
  }

  private void assignRemainingIds(List<Operation> operations) {
    List<Integer> ids = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.device.isEmpty()
          && !idOfDevice.containsValue(operation.domainId)
          && !ids.contains(operation.domainId)) {
        ids.add(operation.domainId);
      }
    }
    ids.sort(null);
    List<String> devices = new ArrayList<>();
    for (Map.Entry<String, Integer> device : idOfDevice.entrySet()) {
      if (device.getValue() == Operation.UNKNOWN) {
        devices.add(device.getKey());
      }
    }
    for (int i = 0; ids.size() <= devices.size() && i < ids.size(); i++) {
      idOfDevice.put(devices.get(i), ids.get(i));
    }
  }

  private void put(Operation operation) {
    int id = operation.device.isEmpty() ? operation.domainId : idOfDevice.get(operation.device);
    if (id == Operation.UNKNOWN) {
      byDevice.computeIfAbsent(operation.device, key -> new ArrayList<>()).add(operation);
    } else {
      byId.computeIfAbsent(id, key -> new ArrayList<>()).add(operation);
    }
  }
}
