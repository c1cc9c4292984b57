/** The IOVA allocator. */
package dev.mapstorm.persistence.analysis.iova;
