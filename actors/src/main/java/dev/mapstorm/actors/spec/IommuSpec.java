package dev.mapstorm.actors.spec;

/**
 * An IOMMU unit. Each kind of unit has a record of its own, a component for each figure of a
 * platform profile; its costs are a record inside.
 */
public interface IommuSpec {}
