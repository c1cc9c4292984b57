/** Per-CPU state that costs memory only for the CPUs that use it. */
package dev.mapstorm.actors.model.percpu;
