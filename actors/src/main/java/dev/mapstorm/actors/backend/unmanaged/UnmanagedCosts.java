package dev.mapstorm.actors.backend.unmanaged;

/** Its steps are those of the page table and of the units; it has no costs of its own. */
public record UnmanagedCosts() {}
