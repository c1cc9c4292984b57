package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.PieceJoin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Parts the operations of a trace by domain.
 *
 * <p>Devices share a domain if they are in one IOMMU group, or if the range flushes of their unmaps
 * name the same domain id. What no line names (the two-step calls, the doorbell page of an SMMU)
 * belongs to the device whose domain id its flush names, else to that of the next named operation
 * of its task or interrupt, else to the one with the most operations. A flush of a whole domain
 * names an id only; if no range flush tells whose it is, that of the device which queued something
 * before each of its flushes.
 */
final class DomainSplit {
  private static final int FORCED_VOTE = 100;
  private static final int IDLE_VOTE = -3;

  private final SortedMap<String, List<Operation>> domains = new TreeMap<>();
  private final Map<String, String> domainOfDevice = new HashMap<>();
  private final Map<Integer, String> domainOfId = new HashMap<>();
  private long unassigned;

  /** Parts operations, which are in the order of their lines. */
  DomainSplit(List<Operation> operations, Map<String, Integer> groupOfDevice) {
    SortedMap<String, Long> named = new TreeMap<>();
    for (Operation operation : operations) {
      if (!operation.device.isEmpty()) {
        named.merge(operation.device, 1L, Long::sum);
      }
    }
    join(operations, named, groupOfDevice);
    if (named.size() == 1) {
      String only = named.firstKey();
      operations.stream()
          .filter(operation -> operation.kind != Kind.FLUSH)
          .forEach(operation -> operation.device = only);
    } else if (named.size() > 1) {
      nameByContext(operations);
      nameByRange(operations, mostCommon(named));
      assignIds(operations, new HashSet<>(domainOfDevice.values()));
    }
    for (Operation operation : operations) {
      put(operation);
    }
  }

  /** The operations of each domain. */
  List<List<Operation>> domains() {
    return List.copyOf(domains.values());
  }

  /** Flushes whose domain could not be told; left out. */
  long unassigned() {
    return unassigned;
  }

  private void join(
      List<Operation> operations,
      SortedMap<String, Long> named,
      Map<String, Integer> groupOfDevice) {
    Map<Object, String> first = new HashMap<>();
    for (String device : named.keySet()) {
      Integer group = groupOfDevice.get(device);
      String domain = group == null ? device : first.computeIfAbsent("g" + group, k -> device);
      domainOfDevice.put(device, domain);
    }
    for (Operation operation : operations) {
      if (operation.kind == Kind.FREE
          && operation.domainId != Operation.UNKNOWN
          && !operation.device.isEmpty()) {
        String domain = domainOfDevice.get(operation.device);
        String same = domainOfId.putIfAbsent(operation.domainId, domain);
        if (same != null && !same.equals(domain)) {
          domainOfDevice.replaceAll((device, each) -> each.equals(domain) ? same : each);
        }
      }
    }
  }

  private static String mostCommon(SortedMap<String, Long> named) {
    return named.entrySet().stream()
        .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** The device of the next named operation of the same task, or of the last one. */
  private void nameByContext(List<Operation> operations) {
    Map<Long, String> next = new HashMap<>();
    Map<Operation, String> guesses = new LinkedHashMap<>();
    for (int i = operations.size() - 1; i >= 0; i--) {
      guess(operations.get(i), next, guesses);
    }
    for (Operation operation : operations) {
      guess(operation, next, guesses);
    }
    guesses.forEach(
        (operation, device) -> {
          String byId = domainOfId.get(operation.domainId);
          if (byId == null || byId.equals(domainOfDevice.get(device))) {
            operation.device = device;
          } else {
            operation.device = byId;
          }
        });
  }

  private static void guess(
      Operation operation, Map<Long, String> known, Map<Operation, String> guesses) {
    long context = PieceJoin.context(operation.level, operation.pid, operation.cpu);
    if (operation.kind == Kind.FLUSH) {
      return;
    }
    if (!operation.device.isEmpty()) {
      known.put(context, operation.device);
    } else if (known.containsKey(context) && operation.kind == Kind.ALLOC) {
      guesses.putIfAbsent(operation, known.get(context));
    }
  }

  /** An unnamed unmap is of the device that has its range; an allocation of the one that unmaps. */
  private void nameByRange(List<Operation> operations, String fallback) {
    Map<Long, Operation> live = new HashMap<>();
    for (Operation operation : operations) {
      if (operation.kind == Kind.ALLOC) {
        if (operation.device.isEmpty()) {
          operation.device = fallback;
        }
        live.put(operation.pfn, operation);
      } else if (operation.kind != Kind.FLUSH && operation.device.isEmpty()) {
        Operation alloc = live.get(operation.pfn);
        String byId = domainOfId.get(operation.domainId);
        operation.device = alloc != null ? alloc.device : fallback;
        if (byId != null) {
          operation.device = byId;
          if (alloc != null && !byId.equals(domainOfDevice.get(alloc.device))) {
            alloc.device = byId;
          }
        }
      }
    }
  }

  /** Gives the ids of whole flushes to the domains that have none yet. */
  private void assignIds(List<Operation> operations, Set<String> all) {
    Set<String> free = new HashSet<>(all);
    free.removeAll(domainOfId.values());
    Map<Integer, Map<String, Long>> votes = new TreeMap<>();
    Map<Integer, Set<String>> queued = new HashMap<>();
    for (Operation operation : operations) {
      if (operation.kind == Kind.FLUSH && !domainOfId.containsKey(operation.domainId)) {
        votes.computeIfAbsent(operation.domainId, key -> new TreeMap<>());
        queued.computeIfAbsent(operation.domainId, key -> new HashSet<>());
      }
    }
    for (Operation operation : operations) {
      String domain = domainOfDevice.get(operation.device);
      if (operation.kind == Kind.QUEUE) {
        queued.values().forEach(set -> set.add(domain));
        if (operation.forcedFlush != null && votes.containsKey(operation.forcedFlush.domainId)) {
          vote(votes, operation.forcedFlush.domainId, domain, FORCED_VOTE);
        }
      } else if (operation.kind == Kind.FLUSH && votes.containsKey(operation.domainId)) {
        Set<String> some = queued.get(operation.domainId);
        for (String each : free) {
          vote(votes, operation.domainId, each, some.contains(each) ? 1 : IDLE_VOTE);
        }
        some.clear();
      }
    }
    List<Integer> ids = new ArrayList<>(votes.keySet());
    ids.sort(Comparator.comparingLong(id -> -best(votes.get(id), all)));
    for (Integer id : ids) {
      votes.get(id).entrySet().stream()
          .filter(vote -> free.contains(vote.getKey()))
          .max(Map.Entry.comparingByValue())
          .ifPresent(
              vote -> {
                domainOfId.put(id, vote.getKey());
                free.remove(vote.getKey());
              });
    }
  }

  private static void vote(
      Map<Integer, Map<String, Long>> votes, int id, String domain, long weight) {
    votes.get(id).merge(domain, weight, Long::sum);
  }

  private static long best(Map<String, Long> votes, Set<String> domains) {
    return votes.entrySet().stream()
        .filter(vote -> domains.contains(vote.getKey()))
        .mapToLong(Map.Entry::getValue)
        .max()
        .orElse(0);
  }

  private void put(Operation operation) {
    String domain = domainOfDevice.getOrDefault(operation.device, operation.device);
    if (operation.kind == Kind.FLUSH && domainOfDevice.size() > 1) {
      domain = domainOfId.get(operation.domainId);
      if (domain == null) {
        unassigned++;
        return;
      }
    } else if (operation.kind == Kind.FLUSH) {
      domain = domainOfDevice.values().stream().findFirst().orElse("");
    }
    domains.computeIfAbsent(domain, key -> new ArrayList<>()).add(operation);
  }
}
