/**
 * The invalidation commands of the IOMMU drivers, compared with those that compiled Linux drivers
 * gave: page table, gather and commands together.
 */
package dev.mapstorm.load.conform.driver;
