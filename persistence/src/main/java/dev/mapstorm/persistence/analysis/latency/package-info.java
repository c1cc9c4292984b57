/** Where the time of requests went. */
package dev.mapstorm.persistence.analysis.latency;
