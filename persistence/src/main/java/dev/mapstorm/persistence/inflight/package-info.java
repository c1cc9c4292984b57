/**
 * What of a host is in flight between two of its events: requests, calls, mappings, flushes and
 * invalidations, each by its identity. The one place that puts events together; analysis, replay,
 * the index and exports look up here.
 */
package dev.mapstorm.persistence.inflight;
