package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.HostSpec;

/**
 * The numbers by which the actors of a host know each other: clients first, then devices, domains
 * and IOMMU units. The one id scheme; messages and events use the number within a kind, mailboxes
 * the number in the host.
 */
public final class HostLayout {
  private final int clients;
  private final int devices;
  private final int domains;
  private final int iommus;

  /** The layout of a host. */
  public HostLayout(HostSpec spec) {
    clients = spec.clients().size();
    devices = spec.devices().size();
    domains = spec.domains().size();
    iommus = spec.iommus().size();
  }

  /** Actors of the host. */
  public int actors() {
    return clients + devices + domains + iommus;
  }

  /** The actor that is client {@code client}. */
  public int client(int client) {
    return client;
  }

  /** The actor that is device {@code device}. */
  public int device(int device) {
    return clients + device;
  }

  /** The actor that is domain {@code domain}. */
  public int domain(int domain) {
    return clients + devices + domain;
  }

  /** The actor that is IOMMU unit {@code iommu}. */
  public int iommu(int iommu) {
    return clients + devices + domains + iommu;
  }

  /** What actor {@code actor} is, such as {@code domain-0}. */
  public String name(int actor) {
    if (actor < clients) {
      return "client-" + actor;
    }
    if (actor < clients + devices) {
      return "device-" + (actor - clients);
    }
    if (actor < clients + devices + domains) {
      return "domain-" + (actor - clients - devices);
    }
    return "iommu-" + (actor - clients - devices - domains);
  }
}
