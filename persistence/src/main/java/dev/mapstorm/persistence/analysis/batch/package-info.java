/** What mappings cost by their size. */
package dev.mapstorm.persistence.analysis.batch;
