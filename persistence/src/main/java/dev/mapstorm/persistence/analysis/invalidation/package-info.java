/** Invalidations of the IOTLB. */
package dev.mapstorm.persistence.analysis.invalidation;
