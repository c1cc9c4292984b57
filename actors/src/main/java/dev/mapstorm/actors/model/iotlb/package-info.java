/** The cache of translations in an IOMMU unit. */
package dev.mapstorm.actors.model.iotlb;
