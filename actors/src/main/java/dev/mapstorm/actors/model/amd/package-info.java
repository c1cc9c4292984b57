/**
 * AMD-Vi as its driver in Linux drives it ({@code drivers/iommu/amd/iommu.c}): the commands that
 * make units and devices forget a range, and the ring in which a unit takes them.
 */
package dev.mapstorm.actors.model.amd;
