/** Invalidation storms. */
package dev.mapstorm.persistence.analysis.storm;
