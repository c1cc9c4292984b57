/** Events as slices, flows and counters on a timeline: Perfetto and Chrome traces. */
package dev.mapstorm.load.export.timeline;
